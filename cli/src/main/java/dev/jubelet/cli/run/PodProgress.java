package dev.jubelet.cli.run;

import dev.jubelet.cli.look.PodText;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What was shown of one pod, so that each thing is said once.
final class PodProgress {
  private final Set<String> saidSteps = new HashSet<>();
  private PodSummary pod;
  private StartTree tree = StartTree.of(List.of(), 0);
  private String saidStatus = "";
  private boolean settled;

  PodProgress(PodSummary pod) {
    this.pod = pod;
  }

  PodSummary pod() {
    return pod;
  }

  String name() {
    return pod.getName();
  }

  void seen(PodSummary now) {
    pod = now;
  }

  void seen(StartTree now) {
    tree = now;
  }

  boolean succeeded() {
    return pod.getPhase().equals("Succeeded");
  }

  boolean failed() {
    return pod.getPhase().equals("Failed");
  }

  boolean ended() {
    return succeeded() || failed();
  }

  boolean settled() {
    return settled;
  }

  /// True once, when the start is over.
  boolean settlesNow() {
    if (settled || !(tree.over() || ended())) {
      return false;
    }
    settled = true;
    return true;
  }

  /// The head of the tree, then its steps.
  List<String> block() {
    List<String> lines = new ArrayList<>();
    lines.add(head());
    tree.steps().forEach(step -> lines.add(step.line()));
    return lines;
  }

  /// Steps that have ended since the last time, for those without a terminal.
  List<String> newSteps() {
    List<String> lines = new ArrayList<>();
    for (StartTree.Step step : tree.steps()) {
      if (!step.open() && saidSteps.add(step.id())) {
        lines.add(name() + step.line());
      }
    }
    return lines;
  }

  String head() {
    String took = tree.steps().isEmpty() ? "" : "  " + tree.took();
    return tree.over() && !ended()
        ? name() + "  started in " + tree.took()
        : name() + "  " + statusWithMessage() + took;
  }

  /// The status when it is another one than was said last; empty otherwise.
  String newStatus() {
    String status = statusWithMessage();
    if (status.equals(saidStatus)) {
      return "";
    }
    saidStatus = status;
    return name() + "  " + status;
  }

  /// One sentence about a failed pod.
  String failure() {
    for (ContainerSummary container : pod.getContainersList()) {
      if (container.getState().equals("terminated") && container.getExitCode() != 0) {
        String message = container.getMessage().isEmpty() ? "" : ": " + container.getMessage();
        return "pod %s failed: container %s ended with exit code %d%s"
            .formatted(name(), container.getName(), container.getExitCode(), message);
      }
    }
    String message = pod.getMessage().isEmpty() ? "" : ": " + pod.getMessage();
    return "pod " + name() + " failed: " + PodText.status(pod) + message;
  }

  private String statusWithMessage() {
    String status = PodText.status(pod);
    for (ContainerSummary container : pod.getContainersList()) {
      if (container.getState().equals("waiting")
          && container.getReason().equals(status)
          && !container.getMessage().isEmpty()) {
        return status + ": " + container.getMessage().replace('\n', ' ');
      }
    }
    return pod.getMessage().isEmpty() ? status : status + ": " + pod.getMessage();
  }
}
