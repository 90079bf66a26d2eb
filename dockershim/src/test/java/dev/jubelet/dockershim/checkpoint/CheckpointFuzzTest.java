package dev.jubelet.dockershim.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint.Port;
import dev.jubelet.testkit.Fuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A checkpoint of any bytes is read or refused; one of ours is read as it was or refused.
class CheckpointFuzzTest {
  private static final String[] TEXTS = {
    "", "web", "a b", "\"", "\\", "\u00e9", "\uD83D\uDE00", "\0", "}{"
  };

  private final Random random = new Random(1);

  @Test
  void anyCheckpointIsReadOrRefused() throws Exception {
    Fuzz.of("checkpoints")
        .tokens(
            "\"checksum\":2305795928",
            "\"host_network\":",
            "\"port_mappings\":[{}]",
            "\"jubelet\":")
        .throwing(IOException.class)
        .inputs(2000)
        .run(bytes -> {
          SandboxCheckpoint read = CheckpointCodec.decode(bytes);
          assertThat(CheckpointCodec.decode(CheckpointCodec.encode(read))).isEqualTo(read);
        });
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    for (int i = 0; i < 1000; i++) {
      SandboxCheckpoint written = any();
      assertThat(CheckpointCodec.decode(CheckpointCodec.encode(written))).isEqualTo(written);
    }
  }

  @Test
  void noFlippedBitAndNoLostTailMakesAnotherCheckpoint() {
    for (int i = 0; i < 3; i++) {
      SandboxCheckpoint written = any();
      byte[] bytes = CheckpointCodec.encode(written);
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        readsAs(flipped, written);
      }
      for (int length = 0; length < bytes.length; length++) {
        readsAs(java.util.Arrays.copyOf(bytes, length), written);
      }
    }
  }

  private static void readsAs(byte[] bytes, SandboxCheckpoint written) {
    assertThat(decoded(bytes).orElse(written))
        .as(new String(bytes, StandardCharsets.ISO_8859_1))
        .isEqualTo(written);
  }

  private static Optional<SandboxCheckpoint> decoded(byte[] bytes) {
    try {
      return Optional.of(CheckpointCodec.decode(bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private SandboxCheckpoint any() {
    List<Port> ports = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      ports.add(new Port("tcp", random.nextInt(65536), random.nextInt(65536), text()));
    }
    return new SandboxCheckpoint(text(), text(), text(), ports, random.nextBoolean());
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)] + TEXTS[random.nextInt(TEXTS.length)];
  }
}
