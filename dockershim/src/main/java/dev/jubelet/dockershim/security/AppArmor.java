package dev.jubelet.dockershim.security;

import dev.jubelet.cri.v1.SecurityProfile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An AppArmor profile as Docker's security options.
final class AppArmor {
  private static final Logger log = LoggerFactory.getLogger(AppArmor.class);
  private static final String LOCALHOST = "localhost/";
  private static final String OPTION = "apparmor=";

  /// The engine loads it itself.
  private static final String DOCKERS_OWN = "docker-default";

  private static final Path ENABLED = Path.of("/sys/module/apparmor/parameters/enabled");
  private static final Path PROFILES = Path.of("/sys/kernel/security/apparmor/profiles");

  private AppArmor() {}

  static List<String> options(SecurityProfile profile) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> List.of();
      case Unconfined -> List.of(OPTION + "unconfined");
      case Localhost -> named(profile.getLocalhostRef());
      case UNRECOGNIZED ->
        throw new IllegalArgumentException("apparmor.profile_type is unknown to this runtime");
    };
  }

  /// The text form of older kubelets.
  static List<String> options(String profile) {
    return switch (profile) {
      case "", "runtime/default" -> List.of();
      case "unconfined" -> List.of(OPTION + "unconfined");
      default -> named(profile);
    };
  }

  /// The same options, when the kernel has the profile that they name: an engine without AppArmor
  /// ignores it in silence, and the error of a start without it does not name it. Where the list
  /// of the kernel may not be read, the engine decides.
  ///
  /// @throws IllegalArgumentException naming the profile and what to do
  static List<String> loaded(List<String> options, SeccompProfile.Reader host) {
    for (String option : options) {
      String name = option.substring(OPTION.length());
      if (!name.equals("unconfined") && !name.equals(DOCKERS_OWN) && !name.startsWith(":")) {
        requireLoaded(name, host);
      }
    }
    return options;
  }

  private static void requireLoaded(String name, SeccompProfile.Reader host) {
    try {
      if (!text(host, ENABLED).startsWith("Y")) {
        throw notEnabled(name);
      }
    } catch (NoSuchFileException e) {
      throw notEnabled(name);
    } catch (IOException e) {
      return;
    }
    try {
      if (text(host, PROFILES).lines().noneMatch(line -> line.startsWith(name + " ("))) {
        throw new IllegalArgumentException("apparmor profile \"" + name
            + "\" is not loaded on this host: load it with apparmor_parser, or change the profile");
      }
    } catch (IOException e) {
      log.debug("apparmor profile {} is left to the engine: {}", name, e.toString());
    }
  }

  private static IllegalArgumentException notEnabled(String name) {
    return new IllegalArgumentException("apparmor profile \"" + name
        + "\" cannot be enforced: AppArmor is not enabled on this host");
  }

  private static String text(SeccompProfile.Reader host, Path file) throws IOException {
    return new String(host.read(file), StandardCharsets.UTF_8);
  }

  private static List<String> named(String profile) {
    String name = profile.startsWith(LOCALHOST) ? profile.substring(LOCALHOST.length()) : profile;
    if (name.isEmpty()) {
      throw new IllegalArgumentException("apparmor profile Localhost needs the profile's name");
    }
    return List.of(OPTION + name);
  }
}
