package dev.jubelet.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Which version of our files a root directory holds: a number in `<root>/jubelet-state`. A
/// start on files of a newer version is refused before anything is read, so that none is set
/// aside as damaged, forgotten or overwritten. What an older version left is read by
/// everybody who reads it, and the number raised. A directory without one is of before there
/// were numbers, or another program's.
public final class StateVersion {
  /// Raise it when files are written that the version before would misread or lose.
  public static final int CURRENT = 1;

  private static final int MAX_BYTES = 20;

  private StateVersion() {}

  /// Call it while holding the directory's lock.
  ///
  /// @throws IOException when the files are of a newer version; they are left as they are
  public static void claim(Path root) throws IOException {
    claim(root, CURRENT);
  }

  static void claim(Path root, int current) throws IOException {
    Path file = root.resolve("jubelet-state");
    int found = read(file);
    if (found > current) {
      throw new IOException(
          "%s holds files of a newer Jubelet (state version %d, this one knows %d); nothing was changed: start the newer version again, or choose another root directory"
              .formatted(root, found, current));
    }
    if (found < current) {
      AtomicFile.write(file, (current + "\n").getBytes(StandardCharsets.US_ASCII), 0644);
    }
  }

  private static int read(Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw unreadable(file);
      }
      return Integer.parseInt(
          Files.readString(file, StandardCharsets.ISO_8859_1).strip());
    } catch (NoSuchFileException e) {
      return 0;
    } catch (NumberFormatException e) {
      throw unreadable(file);
    }
  }

  private static IOException unreadable(Path file) {
    return new IOException(file
        + " holds no state version: write the number of the version that ran last into it, or remove the file if that was version "
        + CURRENT
        + " or older");
  }
}
