package dev.jubelet.kubelet.runtime.spec;

import com.google.protobuf.ByteString;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.ContainerMetadata;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.KeyValue;
import dev.jubelet.cri.v1.LinuxContainerConfig;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A container in CRI's terms (upstream `generateContainerConfig`). Pure.
public final class ContainerSpec {
  private ContainerSpec() {}

  /// @throws CreateContainerConfigException naming what cannot be translated
  public static ContainerConfig of(
      FrozenPod pod, Container container, ContainerFacts facts, NodeFacts node) {
    String name = container.getName();
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(facts.restartCount()))
        .setImage(ImageSpec.newBuilder()
            .setImage(facts.imageRef())
            .setUserSpecifiedImage(container.getImage()))
        .addAllCommand(expanded(container.getCommand(), facts.env()))
        .addAllArgs(expanded(container.getArgs(), facts.env()))
        .setWorkingDir(container.getWorkingDir() == null ? "" : container.getWorkingDir())
        .addAllEnvs(environment(facts.env()))
        .addAllMounts(facts.mounts())
        .putAllLabels(IdentityLabels.ofContainer(pod, name))
        .putAllAnnotations(
            ContainerAnnotations.of(pod, container, facts.restartCount(), facts.hash()))
        .setLogPath("%s/%d.log".formatted(name, facts.restartCount()))
        .setStdin(Boolean.TRUE.equals(container.getStdin()))
        .setStdinOnce(Boolean.TRUE.equals(container.getStdinOnce()))
        .setTty(Boolean.TRUE.equals(container.getTty()))
        .setLinux(LinuxContainerConfig.newBuilder()
            .setResources(LinuxResources.of(pod, container, node))
            .setSecurityContext(ContainerSecurity.of(pod, container, facts, node)))
        .build();
  }

  private static List<String> expanded(@Nullable List<String> words, Map<String, String> env) {
    return words == null
        ? List.of()
        : words.stream().map(word -> Expansion.lenient(word, env)).toList();
  }

  private static List<KeyValue> environment(Map<String, String> env) {
    return env.entrySet().stream()
        .map(e -> KeyValue.newBuilder()
            .setKey(e.getKey())
            .setValue(ByteString.copyFromUtf8(e.getValue()))
            .build())
        .toList();
  }
}
