package dev.jubelet.cni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The directory `results` of the CNI cache, one file for each attachment, laid out as libcni's. An
/// entry is written before ADD runs and completed afterwards, so that an ADD cut short can still be
/// undone. Not synced to disk: neither are the leases that it tells of.
public final class ResultCache {
  private static final Logger log = LoggerFactory.getLogger(ResultCache.class);
  private static final String BROKEN = ".broken";
  private static final int MAX_ENTRY = 8 * 1024 * 1024;
  private static final Set<PosixFilePermission> DIR_MODE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-------");

  private final Path dir;

  /// @param cacheDir for example `/var/lib/cni/cache`
  public ResultCache(Path cacheDir) {
    dir = cacheDir.resolve("results");
  }

  /// All attachments, whoever made them. An entry that cannot be read is set aside.
  public List<CachedAttachment> all() throws IOException {
    return list(name -> true);
  }

  /// A container's attachments.
  public List<CachedAttachment> of(String containerId) throws IOException {
    return list(name -> name.contains("-" + containerId + "-")).stream()
        .filter(entry -> entry.attachment().containerId().equals(containerId))
        .toList();
  }

  /// Every entry by its file, as it lies there; one that cannot be read is left out. Changes
  /// nothing,
  /// for those who only look.
  public Map<Path, CachedAttachment> look() throws IOException {
    Map<Path, CachedAttachment> entries = new TreeMap<>();
    for (Path file : files(name -> true)) {
      try {
        entries.put(file, CachedAttachment.fromJson(Files.readAllBytes(file)));
      } catch (NoSuchFileException _) {
        log.debug("{} went while the cache was read", file);
      } catch (CniException | JacksonException | IllegalArgumentException e) {
        log.debug("{} is no entry", file, e);
      }
    }
    return entries;
  }

  Optional<CachedAttachment> get(String network, Attachment attachment) throws IOException {
    return read(file(network, attachment));
  }

  void put(CachedAttachment entry) throws IOException {
    if (!Files.isDirectory(dir)) {
      Files.createDirectories(dir, PosixFilePermissions.asFileAttribute(DIR_MODE));
    }
    Path file = file(entry.networkName(), entry.attachment());
    Path temporary = file.resolveSibling("." + file.getFileName());
    try {
      Files.deleteIfExists(temporary);
      Files.createFile(temporary, PosixFilePermissions.asFileAttribute(FILE_MODE));
      Files.write(temporary, entry.toJson(), StandardOpenOption.WRITE);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw new IOException("write " + file + ": " + e.getMessage(), e); // a full disk has no name
    }
  }

  void remove(String network, Attachment attachment) throws IOException {
    Files.deleteIfExists(file(network, attachment));
  }

  private Path file(String network, Attachment attachment) {
    return dir.resolve(network + "-" + attachment.containerId() + "-" + attachment.ifName());
  }

  private List<CachedAttachment> list(Predicate<String> wanted) throws IOException {
    List<CachedAttachment> entries = new ArrayList<>();
    for (Path file : files(wanted)) {
      read(file).ifPresent(entries::add);
    }
    return entries;
  }

  private List<Path> files(Predicate<String> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.startsWith(".") && !name.endsWith(BROKEN) && wanted.test(name)) {
          found.add(file);
        }
      }
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static Optional<CachedAttachment> read(Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_ENTRY) {
        throw new CniException("cache entry is over " + MAX_ENTRY + " bytes");
      }
      return Optional.of(CachedAttachment.fromJson(Files.readAllBytes(file)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (CniException | JacksonException | IllegalArgumentException | UncheckedIOException e) {
      log.warn(
          "CNI cache entry is unreadable, set aside as {}{}: {}", file, BROKEN, e.getMessage());
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + BROKEN),
          StandardCopyOption.REPLACE_EXISTING);
      return Optional.empty();
    }
  }
}
