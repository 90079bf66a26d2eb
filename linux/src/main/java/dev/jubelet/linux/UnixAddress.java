package dev.jubelet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// `struct sockaddr_un`. A leading `@` means the abstract namespace, as systemd writes it.
record UnixAddress(MemorySegment bytes, int length) {
  static final int AF_UNIX = 1;
  private static final int PATH_OFFSET = 2;
  private static final int LONGEST_PATH = 107;

  static UnixAddress of(Arena arena, String path) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > LONGEST_PATH) {
      throw new IOException("socket path is longer than " + LONGEST_PATH + " bytes: " + path);
    }
    boolean isAbstract = path.startsWith("@");
    MemorySegment bytes = arena.allocate(PATH_OFFSET + LONGEST_PATH + 1L, 8);
    bytes.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(name, 0, bytes, ValueLayout.JAVA_BYTE, PATH_OFFSET, name.length);
    if (isAbstract) {
      bytes.set(ValueLayout.JAVA_BYTE, PATH_OFFSET, (byte) 0);
    }
    return new UnixAddress(bytes, PATH_OFFSET + name.length + (isAbstract ? 0 : 1));
  }
}
