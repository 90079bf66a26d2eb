package dev.jubelet.cli.wiring;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;

/// A short name for a root directory, to tell the sockets of two agents apart.
final class SocketName {
  private static final int MAX_LENGTH = 40;

  private SocketName() {}

  /// `/var/lib/kubelet` gives `var-lib-kubelet`; a long path keeps its end and gets a checksum.
  static String of(Path rootDirectory) {
    String name =
        rootDirectory.toAbsolutePath().normalize().toString().replace('/', '-').substring(1);
    if (name.length() <= MAX_LENGTH) {
      return name.isEmpty() ? "root" : name;
    }
    CRC32 checksum = new CRC32();
    checksum.update(name.getBytes(StandardCharsets.UTF_8));
    return "%08x-%s".formatted(checksum.getValue(), name.substring(name.length() - MAX_LENGTH + 9));
  }
}
