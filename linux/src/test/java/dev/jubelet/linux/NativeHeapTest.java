package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
  private static final int PIECES = 64 << 10;
  private static final int PIECE_BYTES = 1 << 10;

  private static long residentBytes() throws IOException {
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(pages[1]) * 4096;
  }

  @Test
  void whatWasFreedGoesBack() throws Exception {
    try (Arena kept = Arena.ofConfined()) {
      try (Arena freed = Arena.ofConfined()) {
        for (int i = 0; i < PIECES; i++) {
          freed.allocate(PIECE_BYTES);
        }
        // Above all others: without it, the heap's end would go back by itself.
        kept.allocate(PIECE_BYTES);
      }
      long before = residentBytes();
      NativeHeap.trim();
      assertThat(before - residentBytes()).isGreaterThan((long) PIECES * PIECE_BYTES / 2);
    }
  }
}
