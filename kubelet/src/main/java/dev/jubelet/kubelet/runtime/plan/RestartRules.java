package dev.jubelet.kubelet.runtime.plan;

import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.ContainerHash;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import java.util.Optional;

/// When a container may run again, and when a running one is another than the pod wants.
public final class RestartRules {
  private RestartRules() {}

  /// Whether the container is to be started, given its newest instance.
  public static boolean shouldStart(
      FrozenPod pod, Container container, Optional<ContainerStatus> newest) {
    if (pod.deletionRequested()) {
      return false;
    }
    if (newest.isEmpty()) {
      return true;
    }
    ContainerStatus status = newest.get();
    return switch (status.state()) {
      case RUNNING -> false;
      case UNKNOWN, CREATED -> true;
      case EXITED -> restartsAfter(policy(pod, container), status.exitCode());
    };
  }

  /// The container's own policy when it has one, else the pod's.
  public static String policy(FrozenPod pod, Container container) {
    String own = container.getRestartPolicy();
    return own == null || own.isEmpty() ? pod.restartPolicy() : own;
  }

  private static boolean restartsAfter(String policy, int exitCode) {
    return switch (policy) {
      case "Never" -> false;
      case "OnFailure" -> exitCode != 0;
      default -> true;
    };
  }

  /// Whether a failed container of this policy gets another try.
  static boolean restartsOnFailure(FrozenPod pod, Container container) {
    return !policy(pod, container).equals("Never");
  }

  static boolean succeeded(ContainerStatus status) {
    return status.state() == State.EXITED && status.exitCode() == 0;
  }

  /// Whether the instance was made from another definition. The hash covers name and image; one
  /// that another kubelet wrote (it may cover more) counts as equal when name and image are.
  public static boolean changed(Container container, ContainerStatus status) {
    return !ContainerHash.of(container).equals(status.hash())
        && !fullImage(container.getImage()).equals(fullImage(status.image()));
  }

  /// `busybox` and `docker.io/library/busybox:latest` name one image.
  private static String fullImage(String image) {
    String name = image.startsWith("docker.io/") ? image.substring("docker.io/".length()) : image;
    name = name.startsWith("library/") ? name.substring("library/".length()) : name;
    boolean tagged = name.contains("@") || name.indexOf(':', name.lastIndexOf('/') + 1) >= 0;
    return tagged ? name : name + ":latest";
  }
}
