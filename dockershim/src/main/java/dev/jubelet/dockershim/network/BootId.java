package dev.jubelet.dockershim.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tells one run of the machine from the next.
final class BootId {
  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private BootId() {}

  static String current() {
    try {
      return Files.readString(FILE).strip();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + FILE + ": is /proc mounted?", e);
    }
  }
}
