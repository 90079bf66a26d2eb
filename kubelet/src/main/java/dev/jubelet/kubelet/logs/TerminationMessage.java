package dev.jubelet.kubelet.logs;

import dev.jubelet.cri.v1.ContainerStatus;
import java.nio.file.Path;
import java.time.Duration;

/// The message that a container left when it ended.
public final class TerminationMessage {

  /// @param podsDir `<root>/pods`: message files elsewhere are not read
  /// @param podLogs log files elsewhere are not read
  public TerminationMessage(Path podsDir, Path podLogs, Duration deadline) {}

  /// By the policy in the container's annotations; "" when it left none. Never fails: what cannot
  /// be read is said in the message, as upstream does.
  public String of(ContainerStatus exited) {
    return "";
  }
}
