package dev.jubelet.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OverdueTest {
  private final AtomicInteger told = new AtomicInteger();

  @Test
  void patienceIsUpstreams() {
    assertThat(Overdue.patience(Duration.ZERO)).isEqualTo(Duration.ofSeconds(10));
    assertThat(Overdue.patience(Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(45));
  }

  @Test
  void whatDoesNotEndIsTold() throws Exception {
    Overdue.within(new CompletableFuture<>(), Duration.ofMillis(5), told::incrementAndGet)
        .get(10, TimeUnit.SECONDS);
    assertThat(told).hasValue(1);
  }

  @Test
  void whatEndsInTimeIsNot() throws Exception {
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    CompletableFuture<Void> watch =
        Overdue.after(stopped, Duration.ofSeconds(30), told::incrementAndGet);
    stopped.complete(true);
    watch.get(10, TimeUnit.SECONDS);
    assertThat(told).hasValue(0);
  }
}
