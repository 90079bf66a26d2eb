package dev.jubelet.kubelet.logs;

import dev.jubelet.cri.v1.ContainerStatus;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.kubelet.cri.PodLabels;
import dev.jubelet.kubelet.logs.LogReader.Selection;
import dev.jubelet.linux.KernelCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// The message that a container left when it ended (upstream `getTerminationMessage`).
public final class TerminationMessage {
  static final int MAX_BYTES = 4096;
  static final int MAX_LOG_BYTES = 2048;
  static final int MAX_LOG_LINES = 80;

  private final Path podsDir;
  private final Path podLogs;
  private final Duration deadline;

  /// @param podsDir `<root>/pods`: message files elsewhere are not read
  /// @param podLogs log files elsewhere are not read
  public TerminationMessage(Path podsDir, Path podLogs, Duration deadline) {
    this.podsDir = podsDir.toAbsolutePath().normalize();
    this.podLogs = podLogs.toAbsolutePath().normalize();
    this.deadline = deadline;
  }

  /// The runtime's own message, and after it what the container left by the policy in its
  /// annotations; "" when there is neither. Never fails: what cannot be read is said in the
  /// message, as upstream does.
  public String of(ContainerStatus exited) {
    String left = left(exited);
    if (left.isEmpty() || exited.getMessage().isEmpty()) {
      return exited.getMessage() + left;
    }
    return exited.getMessage() + ": " + left;
  }

  private String left(ContainerStatus exited) {
    Optional<Path> file = messageFile(exited);
    if (file.isPresent()) {
      try {
        String message = KernelCalls.call("read " + file.get(), deadline, () -> tail(file.get()));
        if (!message.isEmpty()) {
          return message;
        }
      } catch (NoSuchFileException e) {
        return fallsBack(exited) ? endOfLog(exited) : "";
      } catch (IOException e) {
        return "Error on reading termination log %s: %s".formatted(file.get(), e.getMessage());
      }
    }
    return fallsBack(exited) ? endOfLog(exited) : "";
  }

  private Optional<Path> messageFile(ContainerStatus exited) {
    String path = exited.getAnnotationsMap().getOrDefault(PodLabels.MESSAGE_PATH, "");
    if (path.isEmpty()) {
      return Optional.empty();
    }
    return exited.getMountsList().stream()
        .filter(mount -> mount.getContainerPath().equals(path))
        .map(Mount::getHostPath)
        .map(host -> Path.of(host).toAbsolutePath().normalize())
        .filter(host -> host.startsWith(podsDir))
        .findFirst();
  }

  private static boolean fallsBack(ContainerStatus exited) {
    return "FallbackToLogsOnError".equals(exited.getAnnotationsMap().get(PodLabels.MESSAGE_POLICY))
        && exited.getExitCode() != 0
        && !exited.getReason().equals("ContainerCannotRun");
  }

  // the container owns the content, so no link is followed and only the end is read
  private static String tail(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString());
    }
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      channel.position(Math.max(0, channel.size() - MAX_BYTES));
      ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // until the end
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
  }

  private String endOfLog(ContainerStatus exited) {
    Path log = Path.of(exited.getLogPath()).toAbsolutePath().normalize();
    if (exited.getLogPath().isEmpty() || !log.startsWith(podLogs)) {
      return "";
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      new LogReader(log, deadline)
          .read(Selection.tail(MAX_LOG_LINES), record -> text.writeBytes(record.text()));
    } catch (IOException e) {
      return "Error on reading termination message from logs: " + e.getMessage();
    }
    byte[] all = text.toByteArray();
    int from = Math.max(0, all.length - MAX_LOG_BYTES);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }
}
