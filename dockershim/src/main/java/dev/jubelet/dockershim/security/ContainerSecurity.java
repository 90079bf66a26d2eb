package dev.jubelet.dockershim.security;

import dev.jubelet.cri.v1.Int64Value;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.SELinuxOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A CRI security context in Docker's words. Pure but for the reading of a seccomp profile.
///
/// @param user null for the image's own
/// @param maskedPaths null for Docker's own masks, empty for none; readonlyPaths alike
public record ContainerSecurity(
    @Nullable String user,
    List<String> groupAdd,
    List<String> capAdd,
    List<String> capDrop,
    List<String> securityOpt,
    boolean privileged,
    boolean readonlyRootfs,
    @Nullable List<String> maskedPaths,
    @Nullable List<String> readonlyPaths) {
  private static final String NO_NEW_PRIVILEGES = "no-new-privileges";

  /// Of an application container.
  ///
  /// @throws IllegalArgumentException naming the field that is wrong
  /// @throws IOException naming the seccomp profile that cannot be read
  @SuppressWarnings("deprecation") // what kubelets before 1.30 send
  public static ContainerSecurity of(LinuxContainerSecurityContext context, SeccompProfile profiles)
      throws IOException {
    List<String> options = selinux(context.getSelinuxOptions());
    if (!context.getPrivileged()) {
      options.addAll(
          context.hasSeccomp()
              ? profiles.options(context.getSeccomp())
              : profiles.options(context.getSeccompProfilePath()));
    }
    options.addAll(AppArmor.loaded(
        context.hasApparmor()
            ? AppArmor.options(context.getApparmor())
            : AppArmor.options(context.getApparmorProfile()),
        profiles.reader()));
    if (context.getNoNewPrivs()) {
      options.add(NO_NEW_PRIVILEGES);
    }
    boolean masks = !context.getPrivileged();
    return new ContainerSecurity(
        user(
            context.hasRunAsUser() ? context.getRunAsUser() : null,
            context.getRunAsUsername(),
            context.hasRunAsGroup() ? context.getRunAsGroup() : null),
        groups(context.getSupplementalGroupsList()),
        List.copyOf(context.getCapabilities().getAddCapabilitiesList()),
        List.copyOf(context.getCapabilities().getDropCapabilitiesList()),
        List.copyOf(options),
        context.getPrivileged(),
        context.getReadonlyRootfs(),
        masks ? List.copyOf(context.getMaskedPathsList()) : null,
        masks ? List.copyOf(context.getReadonlyPathsList()) : null);
  }

  /// Of a container that came without a security context: Docker's own confinement.
  public static ContainerSecurity none() {
    return new ContainerSecurity(
        null, List.of(), List.of(), List.of(), List.of(), false, false, null, null);
  }

  /// Of a sandbox: the pause process needs no profile of the pod's and is never privileged.
  public static ContainerSecurity of(LinuxSandboxSecurityContext context) {
    List<String> options = selinux(context.getSelinuxOptions());
    options.add(NO_NEW_PRIVILEGES);
    return new ContainerSecurity(
        user(
            context.hasRunAsUser() ? context.getRunAsUser() : null,
            "",
            context.hasRunAsGroup() ? context.getRunAsGroup() : null),
        groups(context.getSupplementalGroupsList()),
        List.of(),
        List.of(),
        List.copyOf(options),
        false,
        context.getReadonlyRootfs(),
        null,
        null);
  }

  private static @Nullable String user(
      @Nullable Int64Value uid, String name, @Nullable Int64Value gid) {
    String user = uid == null ? "" : id("run_as_user", uid.getValue());
    if (!name.isEmpty()) {
      if (name.chars().anyMatch(c -> c <= ' ' || c == ':')) {
        throw new IllegalArgumentException(
            "run_as_username \"" + name + "\" must be one user's name");
      }
      user = name;
    }
    if (gid == null) {
      return user.isEmpty() ? null : user;
    }
    if (user.isEmpty()) {
      throw new IllegalArgumentException("runAsGroup is specified without a runAsUser");
    }
    return user + ":" + id("run_as_group", gid.getValue());
  }

  private static List<String> groups(List<Long> gids) {
    return gids.stream().map(gid -> id("supplemental_groups", gid)).toList();
  }

  private static String id(String field, long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          field + " " + value + " must lie between 0 and " + Integer.MAX_VALUE);
    }
    return Long.toString(value);
  }

  private static List<String> selinux(SELinuxOption selinux) {
    List<String> options = new ArrayList<>();
    label(options, "user", selinux.getUser());
    label(options, "role", selinux.getRole());
    label(options, "type", selinux.getType());
    label(options, "level", selinux.getLevel());
    return options;
  }

  private static void label(List<String> options, String name, String value) {
    if (!value.isEmpty()) {
      options.add("label=" + name + ":" + value);
    }
  }
}
