package dev.jubelet.it.faults;

import dev.jubelet.it.Ran;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of a few megabytes at a directory, to be filled to its last byte.
final class SmallDisk implements AutoCloseable {
  private final Path top;
  private final Path filler;

  SmallDisk(Path top, String size) throws IOException, InterruptedException {
    this.top = Files.createDirectories(top);
    this.filler = top.resolve(".filler");
    Ran.run("mount", "-t", "tmpfs", "-o", "mode=755,size=" + size, "tmpfs", top.toString())
        .ok();
  }

  void fill() throws IOException {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  void free() throws IOException {
    Files.delete(filler);
  }

  @Override
  public void close() throws IOException {
    try {
      Ran.run("umount", "-l", top.toString()).ok();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
