package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputBudgetTest {
  @Test
  void bothStreamsShareOneLimitAndTheRestIsDropped() throws IOException {
    OutputBudget budget = new OutputBudget(100);
    try (OutputBudget.Output output = budget.open(10)) {
      output.stdout().write("12345678".getBytes(StandardCharsets.UTF_8));
      output.stderr().write("abcd".getBytes(StandardCharsets.UTF_8));
      output.stderr().write('x');
      assertThat(output.stdoutBytes()).asString().isEqualTo("12345678");
      assertThat(output.stderrBytes()).asString().isEqualTo("ab");
      assertThat(output.truncated()).isTrue();
      assertThat(budget.left()).isEqualTo(90);
    }
    assertThat(budget.left()).isEqualTo(100);
  }

  @Test
  void allCommandsShareTheProcesssBudget() throws IOException {
    OutputBudget budget = new OutputBudget(6);
    try (OutputBudget.Output one = budget.open(10);
        OutputBudget.Output two = budget.open(10)) {
      one.stdout().write(new byte[4]);
      two.stdout().write(new byte[4]);
      assertThat(one.truncated()).isFalse();
      assertThat(two.stdoutBytes()).hasSize(2);
      assertThat(two.truncated()).isTrue();
    }
    assertThat(budget.left()).isEqualTo(6);
  }
}
