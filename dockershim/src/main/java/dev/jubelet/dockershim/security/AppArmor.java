package dev.jubelet.dockershim.security;

import dev.jubelet.cri.v1.SecurityProfile;
import java.util.List;

/// An AppArmor profile as Docker's security options.
final class AppArmor {
  private static final String LOCALHOST = "localhost/";

  private AppArmor() {}

  static List<String> options(SecurityProfile profile) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> List.of();
      case Unconfined -> List.of("apparmor=unconfined");
      case Localhost -> named(profile.getLocalhostRef());
      case UNRECOGNIZED ->
        throw new IllegalArgumentException("apparmor.profile_type is unknown to this runtime");
    };
  }

  /// The text form of older kubelets.
  static List<String> options(String profile) {
    return switch (profile) {
      case "", "runtime/default" -> List.of();
      case "unconfined" -> List.of("apparmor=unconfined");
      default -> named(profile);
    };
  }

  private static List<String> named(String profile) {
    String name = profile.startsWith(LOCALHOST) ? profile.substring(LOCALHOST.length()) : profile;
    if (name.isEmpty()) {
      throw new IllegalArgumentException("apparmor profile Localhost needs the profile's name");
    }
    return List.of("apparmor=" + name);
  }
}
