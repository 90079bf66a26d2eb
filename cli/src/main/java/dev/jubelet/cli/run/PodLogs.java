package dev.jubelet.cli.run;

import dev.jubelet.cli.look.LogFile;
import dev.jubelet.trace.local.v1.ContainerSummary;
import dev.jubelet.trace.local.v1.PodSummary;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The logs of all containers of a run, each restart's file from its beginning.
final class PodLogs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodLogs.class);

  private final Screen screen;

  /// By path: a restart writes another file.
  private final Map<Path, Followed> files = new LinkedHashMap<>();

  private record Followed(LogFile file, String prefix) {}

  PodLogs(Screen screen) {
    this.screen = screen;
  }

  /// Follows what this pod's containers write.
  void follow(PodSummary pod, boolean alone) {
    for (ContainerSummary container : pod.getContainersList()) {
      if (!container.getLogPath().isEmpty()) {
        open(Path.of(container.getLogPath()), prefix(pod, container, alone));
      }
    }
  }

  private void open(Path path, String prefix) {
    if (files.containsKey(path)) {
      return;
    }
    try {
      files.put(path, new Followed(new LogFile(path), prefix));
    } catch (NoSuchFileException e) {
      LOG.debug("Log {} is not there yet", path);
    } catch (IOException e) {
      LOG.warn("Failed to read log {}", path, e);
    }
  }

  /// Prints what is new. True when there was anything.
  boolean print() throws IOException {
    boolean any = false;
    for (Followed followed : files.values()) {
      any |= print(followed, followed.file().read());
    }
    return any;
  }

  /// Prints all that is left, and lines that never got their end.
  void finish() throws IOException {
    while (print()) {
      LOG.trace("Reading on");
    }
    for (Followed followed : files.values()) {
      print(followed, followed.file().leftover());
    }
  }

  private boolean print(Followed followed, List<LogFile.Line> lines) throws IOException {
    for (LogFile.Line line : lines) {
      screen.output(followed.prefix(), line.text());
    }
    return !lines.isEmpty();
  }

  private static String prefix(PodSummary pod, ContainerSummary container, boolean alone) {
    return alone && pod.getContainersCount() == 1
        ? container.getName() + " | "
        : pod.getName() + "/" + container.getName() + " | ";
  }

  @Override
  public void close() throws IOException {
    for (Followed followed : files.values()) {
      followed.file().close();
    }
  }
}
