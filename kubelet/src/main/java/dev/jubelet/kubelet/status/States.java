package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.cri.PodStatus;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The forms of a container's state.
final class States {
  private States() {}

  static ContainerState running(Instant since) {
    return new ContainerStateBuilder()
        .withNewRunning()
        .withStartedAt(time(since))
        .endRunning()
        .build();
  }

  static ContainerState waiting(String reason, String message) {
    return new ContainerStateBuilder()
        .withNewWaiting()
        .withReason(orNull(reason))
        .withMessage(orNull(message))
        .endWaiting()
        .build();
  }

  static ContainerState exited(PodStatus.ContainerStatus seen, String containerId) {
    return terminated(new ContainerStateTerminatedBuilder()
        .withExitCode(seen.exitCode())
        .withReason(orNull(seen.reason()))
        .withMessage(orNull(seen.message()))
        .withStartedAt(seen.startedAt().map(States::time).orElse(null))
        .withFinishedAt(seen.finishedAt().map(States::time).orElse(null))
        .withContainerID(containerId)
        .build());
  }

  static ContainerState terminated(ContainerStateTerminated state) {
    return new ContainerStateBuilder().withTerminated(state).build();
  }

  static ContainerStatus copy(ContainerStatus status) {
    return new ContainerStatusBuilder(status).build();
  }

  /// Of nothing, a state that says nothing.
  static ContainerState copy(@Nullable ContainerState state) {
    return state == null ? new ContainerState() : new ContainerStateBuilder(state).build();
  }

  /// RFC 3339 with whole seconds, as the API keeps times.
  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
