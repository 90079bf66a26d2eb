package dev.jubelet.kubelet.volume;

import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.HostAlias;
import java.util.List;

/// The text of a pod's `/etc/hosts`, upstream's byte for byte.
final class HostsFile {
  private static final String MANAGED = """
      # Kubernetes-managed hosts file.
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      fe00::0\tip6-mcastprefix
      fe00::1\tip6-allnodes
      fe00::2\tip6-allrouters
      """;
  private static final String NODE = "# Kubernetes-managed hosts file (host network).\n";

  private HostsFile() {}

  /// Whether there is anything to say; a pod without a network and aliases keeps the image's file.
  static boolean needed(FrozenPod pod, PodVolumes.HostNames names) {
    return pod.hostNetwork() || !names.podIps().isEmpty() || !aliases(pod).isEmpty();
  }

  static String managed(FrozenPod pod, PodVolumes.HostNames names) {
    StringBuilder text = new StringBuilder(MANAGED);
    for (String ip : names.podIps()) {
      text.append(ip).append('\t');
      if (!names.domain().isEmpty()) {
        text.append(names.hostname()).append('.').append(names.domain()).append('\t');
      }
      text.append(names.hostname()).append('\n');
    }
    return text.append(aliasLines(pod)).toString();
  }

  /// @param nodeFile the node's own file
  static String hostNetwork(FrozenPod pod, String nodeFile) {
    return NODE + nodeFile + aliasLines(pod);
  }

  private static String aliasLines(FrozenPod pod) {
    if (aliases(pod).isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n# Entries added by HostAliases.\n");
    for (HostAlias alias : aliases(pod)) {
      text.append(alias.getIp())
          .append('\t')
          .append(String.join("\t", alias.getHostnames()))
          .append('\n');
    }
    return text.toString();
  }

  private static List<HostAlias> aliases(FrozenPod pod) {
    List<HostAlias> aliases = pod.object().getSpec().getHostAliases();
    return aliases == null ? List.of() : aliases;
  }
}
