package dev.jubelet.kubelet.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EndingTest {
  private final Ending ending = new Ending();

  @Test
  void theGraceOnlyShrinks() {
    assertThat(ending.request(Optional.of(Duration.ofSeconds(20)))).isTrue();
    assertThat(ending.request(Optional.of(Duration.ofSeconds(30)))).isFalse();
    assertThat(ending.request(Optional.empty())).isFalse();
    assertThat(ending.request(Optional.of(Duration.ofSeconds(5)))).isTrue();

    assertThat(ending.grace()).contains(Duration.ofSeconds(5));
    assertThat(ending.requested()).isTrue();
  }

  @Test
  void zeroIsASecond() {
    ending.request(Optional.of(Duration.ZERO));

    assertThat(ending.grace()).contains(Duration.ofSeconds(1));
  }

  @Test
  void listenersHearEachShorterGraceUntilTheyClose() {
    AtomicInteger heard = new AtomicInteger();
    try (var _ = ending.listen(heard::incrementAndGet)) {
      ending.request(Optional.of(Duration.ofSeconds(9)));
      ending.request(Optional.of(Duration.ofSeconds(9)));
      ending.request(Optional.of(Duration.ofSeconds(3)));
    }
    ending.request(Optional.of(Duration.ofSeconds(1)));

    assertThat(heard).hasValue(2);
  }

  @Test
  void aLateListenerHearsItAtOnce() {
    ending.request(Optional.empty());
    AtomicInteger heard = new AtomicInteger();

    ending.listen(heard::incrementAndGet).close();

    assertThat(heard).hasValue(1);
  }

  @Test
  void aBudgetShrinksWithIt() {
    try (StopBudget budget = new StopBudget(Duration.ofSeconds(30), ending)) {
      assertThat(budget.begin()).isGreaterThan(Duration.ofSeconds(25));
      budget.end();
      ending.request(Optional.of(Duration.ofSeconds(3)));
      assertThat(budget.begin()).isLessThanOrEqualTo(Duration.ofSeconds(3));
      budget.end();
    }
  }

  @Test
  void aBudgetThatIsUsedUpStillLeavesTwoSeconds() {
    try (StopBudget budget = new StopBudget(Duration.ofSeconds(2), ending)) {
      assertThat(budget.begin()).isEqualTo(Duration.ofSeconds(2));
      budget.end();
    }
  }
}
