package dev.jubelet.dockershim.log;

import dev.jubelet.linux.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A file per followed container: a line with the version and a checksum, then JSON. A corrupt
/// one is set aside. Not synced to disk, as the logs are not: a power loss may make it
/// corrupt.
final class LogCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(LogCheckpoints.class);
  private static final String VERSION = "jubelet-log-1 ";
  private static final JsonMapper JSON = new JsonMapper();

  private static final int MOST_BYTES = 64 << 10;

  private final Path directory;

  LogCheckpoints(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    AtomicFile.sweep(directory);
  }

  void save(String containerId, LogCheckpoint checkpoint) throws IOException {
    String json = JSON.writeValueAsString(checkpoint);
    String text = VERSION + checksum(json) + "\n" + json + "\n";
    AtomicFile.replace(file(containerId), text.getBytes(StandardCharsets.UTF_8), 0600);
  }

  Optional<LogCheckpoint> load(String containerId) throws IOException {
    Path file = file(containerId);
    try (InputStream in = Files.newInputStream(file)) {
      Optional<LogCheckpoint> whole = decode(in.readNBytes(MOST_BYTES));
      if (whole.isPresent()) {
        return whole;
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      log.debug("{} cannot be read", file, e);
    }
    Path aside = file.resolveSibling(file.getFileName() + ".corrupt");
    log.warn("log checkpoint {} is corrupt: set aside as {}", file, aside.getFileName());
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    return Optional.empty();
  }

  /// Empty when the sum does not fit.
  private static Optional<LogCheckpoint> decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int newline = text.indexOf('\n');
    String json = text.substring(newline + 1).strip();
    return newline > 0 && text.substring(0, newline).equals(VERSION + checksum(json))
        ? Optional.ofNullable(JSON.readValue(json, LogCheckpoint.class))
            .filter(c -> c.destination() != null)
        : Optional.empty();
  }

  boolean has(String containerId) {
    return Files.exists(file(containerId));
  }

  void delete(String containerId) throws IOException {
    Files.deleteIfExists(file(containerId));
  }

  /// Deletes those of other containers, what was set aside included.
  void retain(Predicate<String> containerIds) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        if (dot > 0 && !containerIds.test(name.substring(0, dot))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private Path file(String containerId) {
    if (containerId.isEmpty() || containerId.indexOf('/') >= 0 || containerId.startsWith(".")) {
      throw new IllegalArgumentException("not a container id: " + containerId);
    }
    return directory.resolve(containerId + ".log-checkpoint");
  }

  static String checksum(String json) {
    CRC32C crc = new CRC32C();
    crc.update(json.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
