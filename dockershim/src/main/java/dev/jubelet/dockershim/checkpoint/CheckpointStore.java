package dev.jubelet.dockershim.checkpoint;

import dev.jubelet.linux.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checkpoints of sandboxes, one file each in `<root>/sandbox`, written atomically. A damaged one
/// is set aside under a name with a dot in front and is never fatal.
public final class CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern KEY =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9._-]{0,248}[a-zA-Z0-9])?");
  private static final int MAX_BYTES = 1 << 20;

  private final Path directory;

  public CheckpointStore(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    AtomicFile.sweep(directory);
  }

  /// @throws IOException naming the file, for example when the disk is full
  public void write(String sandboxId, SandboxCheckpoint checkpoint) throws IOException {
    Path file = file(sandboxId);
    try {
      AtomicFile.write(file, CheckpointCodec.encode(checkpoint), 0600);
    } catch (IOException e) {
      throw new IOException("sandbox checkpoint: " + e.getMessage(), e);
    }
  }

  /// Empty when there is none, or none that can be believed.
  public Optional<SandboxCheckpoint> read(String sandboxId) {
    if (!KEY.matcher(sandboxId).matches()) {
      return Optional.empty();
    }
    Path file = directory.resolve(sandboxId);
    try {
      Optional<byte[]> bytes = bytes(file);
      return bytes.isPresent()
          ? Optional.of(CheckpointCodec.decode(bytes.get()))
          : Optional.empty();
    } catch (IOException e) {
      setAside(file, e);
      return Optional.empty();
    }
  }

  /// Empty when it is not there, or cannot be read now (the disk, no descriptors left): it may be
  /// whole.
  ///
  /// @throws IOException when it cannot be a checkpoint
  private static Optional<byte[]> bytes(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException("not a regular file");
      }
      return Optional.empty();
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.warn("checkpoint {} cannot be read now: {}", file, e.toString());
      return Optional.empty();
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException("larger than " + MAX_BYTES + " bytes");
    }
    return Optional.of(bytes);
  }

  /// Removing a missing one is no error.
  public void remove(String sandboxId) throws IOException {
    if (KEY.matcher(sandboxId).matches()) {
      Files.deleteIfExists(directory.resolve(sandboxId));
    }
  }

  /// The ids that have a checkpoint, readable or not.
  public List<String> ids() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(f -> String.valueOf(f.getFileName()))
          .filter(n -> !n.startsWith("."))
          .filter(n -> KEY.matcher(n).matches())
          .toList();
    }
  }

  private Path file(String sandboxId) throws IOException {
    if (!KEY.matcher(sandboxId).matches()) {
      throw new IOException("invalid key \"" + sandboxId + "\" for a checkpoint");
    }
    return directory.resolve(sandboxId);
  }

  private void setAside(Path file, IOException reason) {
    Path aside = directory.resolve(".corrupt-" + file.getFileName());
    log.warn("checkpoint {} set aside as {}: {}", file, aside, reason.getMessage());
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      log.debug("checkpoint {} was already gone", file);
    } catch (IOException e) {
      log.warn("cannot set checkpoint {} aside: {}", file, e.toString());
    }
  }
}
