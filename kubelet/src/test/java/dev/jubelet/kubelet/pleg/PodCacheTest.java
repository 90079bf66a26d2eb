package dev.jubelet.kubelet.pleg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PodCacheTest {
  private static final PodId POD = new PodId("u1", "web", "default");
  private static final Duration SOON = Duration.ofSeconds(5);

  private final List<PodId> reads = new ArrayList<>();
  private final PodCache cache = new PodCache(reads::add);

  private static PodStatus status(String sandbox) {
    var one = new Sandbox(sandbox, 0, true, false, Instant.EPOCH, List.of(), Map.of(), Map.of());
    return new PodStatus("u1", "web", "default", List.of(), List.of(one), List.of(), Instant.now());
  }

  @Test
  void aListProvesThatAPodIsNotThere() throws Exception {
    long moment = System.nanoTime();
    cache.listed(moment, Instant.now());

    assertThat(cache.newerThan(POD, moment, SOON).isGone()).isTrue();
    assertThat(reads).isEmpty();
  }

  @Test
  void anOlderListProvesNothing() {
    cache.listed(System.nanoTime(), Instant.now());

    assertThatThrownBy(() -> cache.newerThan(POD, System.nanoTime(), Duration.ofMillis(10)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("default/web");
    assertThat(reads).containsExactly(POD);
  }

  @Test
  void aReadThatBeganBeforeTheMomentIsReadOnceMore() throws Exception {
    cache.mark(POD);
    long moment = System.nanoTime();
    Thread first = Thread.ofVirtual().start(() -> {
      cache.told(POD, moment - 1, status("old"));
      cache.told(POD, System.nanoTime(), status("new"));
    });

    PodStatus answer = cache.newerThan(POD, moment, SOON);

    first.join();
    assertThat(answer.sandboxes().getFirst().id()).isEqualTo("new");
  }

  @Test
  void marksDuringAReadAreOneMoreRead() {
    cache.mark(POD);
    cache.mark(POD);
    cache.mark(POD);
    assertThat(reads).hasSize(1);
    cache.told(POD, System.nanoTime(), status("a"));
    assertThat(reads).hasSize(2);
    cache.told(POD, System.nanoTime(), status("a"));
    assertThat(reads).hasSize(2);
  }

  @Test
  void marksWaitWhileTheWorkerIsAtIt() {
    cache.hold(POD);
    cache.mark(POD);
    assertThat(reads).isEmpty();
    cache.release(POD, false);
    assertThat(reads).hasSize(1);
  }

  @Test
  void onlyADifferenceIsNews() {
    cache.mark(POD);
    assertThat(cache.told(POD, 1, status("a"))).isTrue();
    cache.mark(POD);
    assertThat(cache.told(POD, 2, status("a"))).isFalse();
    cache.mark(POD);
    assertThat(cache.told(POD, 3, status("b"))).isTrue();
  }

  @Test
  void aFailedReadIsTheWaitersError() {
    Thread failing = Thread.ofVirtual().unstarted(() -> {
      while (reads.isEmpty()) {
        Thread.onSpinWait();
      }
      cache.failed(POD, System.nanoTime(), new IOException("engine is away"));
    });
    failing.start();

    assertThatThrownBy(() -> cache.newerThan(POD, System.nanoTime(), SOON))
        .hasMessage("engine is away");
  }
}
