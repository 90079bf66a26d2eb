package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Device and inode: which file a name means at the moment. Unique among files that exist or
/// are held open, but used again afterwards.
record FileId(long device, long inode) {
  /// Empty when there is no such file; the id of a symbolic link is its own.
  static Optional<FileId> of(Path path) throws IOException {
    try {
      Map<String, Object> stat =
          Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
      return Optional.of(new FileId(
          ((Number) stat.getOrDefault("dev", 0)).longValue(),
          ((Number) stat.getOrDefault("ino", 0)).longValue()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
