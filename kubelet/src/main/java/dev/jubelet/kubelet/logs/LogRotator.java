package dev.jubelet.kubelet.logs;

import dev.jubelet.linux.KernelCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// The file operations of one container's log: how large it is, and its rotation in the steps
/// `remove`, `compress`, `rename`, `reopen`. Each may hang with the disk, and has a deadline.
final class LogRotator {
  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");
  private static final Duration COMPRESSION = Duration.ofMinutes(10);

  private final Path log;
  private final Path directory;
  private final Duration deadline;

  /// Tells the runtime to write to a new file at the old place.
  @FunctionalInterface
  interface Reopen {
    void reopen() throws IOException;
  }

  /// @param deadline of each call but compression
  LogRotator(Path log, Duration deadline) {
    this.log = log;
    this.directory = log.resolveSibling("");
    this.deadline = deadline;
  }

  /// Of each log, in bytes, of what a link leads to; -1 where there is no file, as after a kill
  /// between the last rename and reopen. One call for all, so that an idle node stays idle.
  static Map<Path, Long> sizes(List<Path> logs, Duration deadline) throws IOException {
    return KernelCalls.call("look at the sizes of container logs", deadline, () -> {
      Map<Path, Long> sizes = new HashMap<>();
      for (Path log : logs) {
        sizes.put(log, size(log));
      }
      return sizes;
    });
  }

  private static long size(Path log) throws IOException {
    try {
      return Files.size(log);
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  /// Makes the current file the newest rotated one. When the runtime does not reopen it, the file
  /// gets its name back.
  void rotate(int maxFiles, Clock clock, Reopen reopen) throws IOException {
    tidy(maxFiles);
    Path rotated = log.resolveSibling(
        log.getFileName() + "." + SUFFIX.format(clock.instant().atZone(ZoneId.systemDefault())));
    rename(log, rotated);
    try {
      reopen.reopen();
    } catch (IOException e) {
      rename(rotated, log);
      throw e;
    }
  }

  private void tidy(int maxFiles) throws IOException {
    LogRotation plan = LogRotation.of(log.getFileName().toString(), names(), maxFiles);
    KernelCalls.call("remove old files of log " + log, deadline, () -> {
      for (String name : plan.remove()) {
        Files.deleteIfExists(directory.resolve(name));
      }
      return true;
    });
    for (String name : plan.compress()) {
      Path file = directory.resolve(name);
      KernelCalls.call("compress log " + file, COMPRESSION, () -> compress(file));
    }
  }

  private List<String> names() throws IOException {
    return KernelCalls.call("list " + directory, deadline, () -> {
      try (Stream<Path> files = Files.list(directory)) {
        return files.map(file -> file.getFileName().toString()).toList();
      }
    });
  }

  private static Path compress(Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + LogRotation.TEMPORARY);
    var mode = PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(file));
    Files.deleteIfExists(temporary);
    try {
      try (InputStream in = Files.newInputStream(file);
          FileChannel out = FileChannel.open(
              temporary, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode);
          OutputStream zip = new GZIPOutputStream(Channels.newOutputStream(out), 64 * 1024)) {
        in.transferTo(zip);
      }
      Path whole = file.resolveSibling(file.getFileName() + LogRotation.COMPRESSED);
      Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(file);
      return whole;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    KernelCalls.call("rename log " + from, deadline, () -> {
      if (Files.exists(to)) {
        throw new FileAlreadyExistsException(to.toString());
      }
      return Files.move(from, to);
    });
  }
}
