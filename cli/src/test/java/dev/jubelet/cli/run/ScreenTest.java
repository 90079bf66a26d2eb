package dev.jubelet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);

  @Test
  void aLineThatStaysPushesTheBlockDown() {
    Screen screen = new Screen(stream, true, 80, 24);
    screen.block(List.of("a", "b"));
    screen.say("done");
    assertThat(text()).isEqualTo("a\nb\n\u001b[2A\u001b[Jdone\na\nb\n");
  }

  @Test
  void theSameBlockIsNotDrawnAgain() {
    Screen screen = new Screen(stream, true, 80, 24);
    screen.block(List.of("a"));
    screen.block(List.of("a"));
    assertThat(text()).isEqualTo("a\n");
  }

  @Test
  void aBlockNeverGrowsBeyondTheTerminal() {
    Screen screen = new Screen(stream, true, 10, 6);
    screen.block(Collections.nCopies(9, "0123456789abc"));
    assertThat(text().lines().toList()).hasSize(4).last().isEqualTo("… and 6 more lines");
    assertThat(text().lines().findFirst()).contains("01234567…");
  }

  @Test
  void withoutATerminalThereIsNoBlock() {
    Screen screen = new Screen(stream, false, 0, 0);
    screen.block(List.of("a"));
    screen.say("b");
    assertThat(text()).isEqualTo("b\n");
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
