package dev.jubelet.cli.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.trace.Recorder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapReturnTest {
  private static final long MIB = 1 << 20;

  private final AtomicLong heap = new AtomicLong(20 * MIB);
  private final AtomicInteger collections = new AtomicInteger();
  private final AtomicInteger trims = new AtomicInteger();

  private void collect() {
    collections.incrementAndGet();
    heap.set(30 * MIB);
  }

  private HeapReturn heapReturn(Recorder recorder) {
    return new HeapReturn(
        recorder.store(), heap::get, this::collect, trims::incrementAndGet, Duration.ofMillis(20));
  }

  private static void work(Recorder recorder) {
    recorder.<RuntimeException>run("step", "one", () -> {});
  }

  @Test
  void whatABurstTookGoesBackOnceItIsOver() {
    try (Recorder recorder = new Recorder(5, 5);
        HeapReturn _ = heapReturn(recorder)) {
      work(recorder);
      heap.set(120 * MIB);
      work(recorder);
      await().untilAsserted(() -> assertThat(collections).hasValue(1));
      // A little more is not worth it.
      heap.set(31 * MIB);
      work(recorder);
      heap.set(32 * MIB);
      work(recorder);
      await()
          .during(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(collections).hasValue(1));
      heap.set(100 * MIB);
      work(recorder);
      await().untilAsserted(() -> assertThat(collections).hasValue(2));
    }
  }

  @Test
  void whatTheStartTookOfTheCHeapGoesBackAndAgainAfterWork() {
    try (Recorder recorder = new Recorder(5, 5);
        HeapReturn _ = heapReturn(recorder)) {
      int afterStart = restingTrims(0);
      work(recorder);
      restingTrims(afterStart);
      assertThat(collections).hasValue(0);
    }
  }

  /// Once there are more than `before`, and no more come.
  private int restingTrims(int before) {
    AtomicInteger last = new AtomicInteger(before);
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(() -> trims.get() > before && last.getAndSet(trims.get()) == trims.get());
    return last.get();
  }
}
