package dev.jubelet.dockershim.pods;

import dev.jubelet.linux.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/// The id that marks what a root directory's shim made; made at the first start.
public final class OwnerId {
  private OwnerId() {}

  /// @throws IOException when the file holds no id: made anew, the pods of before would be nobody's
  public static String of(Path rootDirectory) throws IOException {
    Path file = rootDirectory.resolve("owner");
    try {
      String id = Files.readString(file).strip();
      if (!id.matches("[0-9a-f-]{36}")) {
        throw new IOException(
            file + " holds no owner id: put back the value of the label dev.jubelet.owner of its"
                + " containers, or remove the file when there are none");
      }
      return id;
    } catch (NoSuchFileException e) {
      String id = UUID.randomUUID().toString();
      AtomicFile.write(file, (id + "\n").getBytes(StandardCharsets.UTF_8), 0600);
      return id;
    }
  }
}
