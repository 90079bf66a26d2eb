package dev.jubelet.dockershim.security;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.SupplementalGroupsPolicy;

/// Refuses what this runtime cannot do yet, by the field's name: a pod that asks for it must not
/// run without it.
public final class NotBuilt {
  private NotBuilt() {}

  /// @throws IllegalArgumentException naming the field
  public static void check(PodSandboxConfig config, String runtimeHandler) {
    refuse(
        !runtimeHandler.isEmpty() && !runtimeHandler.equals("docker"),
        "runtime_handler \"" + runtimeHandler + "\" is not known, only \"\" and \"docker\" are");
    refuse(config.hasWindows(), "windows is not for this node");
    var context = config.getLinux().getSecurityContext();
    namespaces("linux.security_context", context.getNamespaceOptions());
    refuse(
        context.getSupplementalGroupsPolicy() != SupplementalGroupsPolicy.Merge,
        "linux.security_context.supplemental_groups_policy Strict is not supported yet");
  }

  /// @throws IllegalArgumentException naming the field
  public static void check(ContainerConfig config) {
    refuse(config.hasWindows(), "windows is not for this node");
    refuse(config.getCDIDevicesCount() > 0, "CDI_devices are not supported yet");
    config.getMountsList().forEach(NotBuilt::check);
    check(config.getLinux().getResources());
    LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
    namespaces("linux.security_context", context.getNamespaceOptions());
    refuse(
        context.getSupplementalGroupsPolicy() != SupplementalGroupsPolicy.Merge,
        "linux.security_context.supplemental_groups_policy Strict is not supported yet");
    refuse(
        context.getCapabilities().getAddAmbientCapabilitiesCount() > 0,
        "linux.security_context.capabilities.add_ambient_capabilities are not supported yet");
  }

  /// @throws IllegalArgumentException naming the field
  public static void check(LinuxContainerResources resources) {
    // The kubelet names every page size of the host, with 0 for what the pod did not ask for.
    refuse(
        resources.getHugepageLimitsList().stream().anyMatch(h -> h.getLimit() != 0),
        "linux.resources.hugepage_limits are not supported yet");
    // The kubelet sends memory.oom.group for every container on cgroup v2; Docker leaves it at 0.
    resources.getUnifiedMap().keySet().stream()
        .filter(key -> !key.equals("memory.oom.group"))
        .findFirst()
        .ifPresent(key -> refuse(true, "linux.resources.unified " + key + " is not supported yet"));
  }

  private static void check(Mount mount) {
    String name = "mounts[" + mount.getContainerPath() + "].";
    refuse(mount.hasImage(), name + "image is not supported yet");
    refuse(!mount.getImageSubPath().isEmpty(), name + "image_sub_path is not supported yet");
    refuse(mount.getUidMappingsCount() > 0, name + "uidMappings are not supported yet");
    refuse(mount.getGidMappingsCount() > 0, name + "gidMappings are not supported yet");
    refuse(mount.getMountOptionsCount() > 0, name + "mount_options are not supported yet");
  }

  private static void namespaces(String field, NamespaceOption options) {
    refuse(
        options.hasUsernsOptions() && options.getUsernsOptions().getMode() != NamespaceMode.NODE,
        field + ".namespace_options.userns_options: only NODE is supported");
    refuse(
        options.getNetwork() != NamespaceMode.POD && options.getNetwork() != NamespaceMode.NODE,
        field + ".namespace_options.network: only POD and NODE are supported");
    refuse(
        options.getIpc() != NamespaceMode.POD && options.getIpc() != NamespaceMode.NODE,
        field + ".namespace_options.ipc: only POD and NODE are supported");
  }

  private static void refuse(boolean when, String message) {
    if (when) {
      throw new IllegalArgumentException(message);
    }
  }
}
