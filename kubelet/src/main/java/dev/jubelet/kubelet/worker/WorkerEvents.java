package dev.jubelet.kubelet.worker;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.event.Events;

/// What a worker tells of its pod, in upstream's words.
record WorkerEvents(Events events, PodId id) {
  void statusUnknown(Exception e) {
    warn("FailedSync", "error determining status: " + e.getMessage());
  }

  void killFailed(Exception e) {
    warn("FailedKillPod", "error killing pod: " + e.getMessage());
  }

  void overdue() {
    warn(
        "ExceededGracePeriod",
        "Container runtime did not kill the pod within specified grace period.");
  }

  void networkNotReady(String text) {
    warn("NetworkNotReady", text);
  }

  private void warn(String reason, String message) {
    events.warning(id, reason, "", message);
  }
}
