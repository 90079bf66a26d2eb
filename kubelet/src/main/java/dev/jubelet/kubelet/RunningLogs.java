package dev.jubelet.kubelet;

import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.logs.LogRotations.Running;
import dev.jubelet.kubelet.worker.PodView;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The logs that may grow: those of running containers of our own pods. What another agent's pods
/// write on the same runtime is not ours to rotate.
final class RunningLogs {
  private RunningLogs() {}

  static List<Running> of(List<PodView> views) {
    return views.stream().flatMap(RunningLogs::of).toList();
  }

  private static Stream<Running> of(PodView view) {
    return view.observed().containers().stream()
        .filter(c -> c.state() == State.RUNNING && !c.logPath().isEmpty())
        .map(c -> new Running(c.id(), Path.of(c.logPath())));
  }
}
