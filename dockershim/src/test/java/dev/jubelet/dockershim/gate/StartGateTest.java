package dev.jubelet.dockershim.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jubelet.dockershim.gate.StartGate.Rank;
import dev.jubelet.trace.Recorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StartGateTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  private final Recorder traces = new Recorder(10, 100);

  @Test
  void ordersByRankThenByPodThenByCall() throws Exception {
    StartGate gate = new StartGate(1, 1, Duration.ofHours(1), traces);
    gate.arrived("first");
    gate.arrived("second");
    CountDownLatch release = new CountDownLatch(1);
    Thread holder = enter(gate, "holder", Rank.NORMAL, release::await);
    await().until(() -> holder.getState() == Thread.State.WAITING);
    List<String> order = new CopyOnWriteArrayList<>();
    List<Thread> waiting = List.of(
        queued(gate, "second", Rank.NORMAL, order, "second"),
        queued(gate, "first", Rank.NORMAL, order, "first, create"),
        queued(gate, "first", Rank.NORMAL, order, "first, start"),
        queued(gate, "third", Rank.FIRST, order, "restart"));
    release.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(order).containsExactly("restart", "first, create", "first, start", "second");
  }

  @Test
  void neverLetsInMoreThanItHas() throws Exception {
    StartGate gate = new StartGate(2, 2, Duration.ofHours(1), traces);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      threads.add(enter(gate, "pod" + i, Rank.NORMAL, () -> {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        Thread.sleep(2);
        inside.decrementAndGet();
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most).hasValue(2);
  }

  @Test
  void moreWhenFewPodsWaitForTheirFirstCall() throws Exception {
    StartGate gate = new StartGate(2, 4, Duration.ofHours(1), traces);
    Semaphore leave = new Semaphore(0, true); // first come, first served
    AtomicInteger inside = new AtomicInteger();
    Inside call = () -> {
      inside.incrementAndGet();
      leave.acquire();
      inside.decrementAndGet();
    };
    List<Thread> first = IntStream.range(0, 4)
        .mapToObj(pod -> enter(gate, "first" + pod, Rank.NORMAL, call))
        .toList();
    await().until(() -> inside.get() == 4);
    List<Thread> next = IntStream.range(0, 7)
        .mapToObj(pod -> enter(gate, "next" + pod, Rank.NORMAL, call))
        .toList();
    await().until(() -> waiting(next) == 7);

    leave.release(4);
    for (Thread thread : first) {
      thread.join();
    }
    await().until(() -> inside.get() == 2 && waiting(next) == 5);
    leave.release(1);
    await().until(() -> inside.get() == 4 && waiting(next) == 2);
    leave.release(6);
    for (Thread thread : next) {
      thread.join();
    }
  }

  private static long waiting(List<Thread> threads) {
    return threads.stream()
        .filter(t -> t.getState() == Thread.State.TIMED_WAITING)
        .count();
  }

  @Test
  void aSlowHolderLendsItsSlotButNotWithoutBound() throws Exception {
    StartGate gate = new StartGate(1, 1, Duration.ofMillis(20), traces);
    CountDownLatch hung = new CountDownLatch(1);
    enter(gate, "hung", Rank.NORMAL, hung::await);
    Thread second = enter(gate, "second", Rank.NORMAL, hung::await);
    await().until(() -> second.getState() == Thread.State.WAITING);
    assertThatThrownBy(() -> gate.pass("third", Rank.NORMAL, Duration.ofMillis(100), () -> "never"))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("start slot");
    hung.countDown();
    assertThat(gate.<String, Exception>pass("third", Rank.NORMAL, LONG, () -> "in"))
        .isEqualTo("in");
  }

  @Test
  void whatHangsSinceFewWaitedDoesNotStopMany() throws Exception {
    StartGate gate = new StartGate(2, 4, Duration.ofMillis(20), traces);
    CountDownLatch hung = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    for (int pod = 0; pod < 4; pod++) {
      enter(gate, "hung" + pod, Rank.NORMAL, () -> {
        inside.incrementAndGet();
        hung.await();
      });
    }
    await().until(() -> inside.get() == 4);
    List<Thread> many = IntStream.range(0, 20)
        .mapToObj(pod -> enter(gate, "pod" + pod, Rank.NORMAL, () -> Thread.sleep(1)))
        .toList();
    for (Thread thread : many) {
      assertThat(thread.join(LONG)).isTrue();
    }
    hung.countDown();
  }

  @Test
  void aFailedCallFreesItsSlot() throws Exception {
    StartGate gate = new StartGate(1, 1, Duration.ofHours(1), traces);
    assertThatThrownBy(() -> gate.pass("a", Rank.NORMAL, LONG, () -> {
          throw new IllegalStateException("no");
        }))
        .hasMessage("no");
    assertThat(gate.<String, Exception>pass("b", Rank.NORMAL, LONG, () -> "in")).isEqualTo("in");
  }

  private static Thread queued(
      StartGate gate, String pod, Rank rank, List<String> order, String what) {
    Thread thread = enter(gate, pod, rank, () -> order.add(what));
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  private static Thread enter(StartGate gate, String pod, Rank rank, Inside inside) {
    return Thread.ofPlatform().start(() -> {
      try {
        gate.<String, Exception>pass(pod, rank, LONG, () -> {
          inside.run();
          return pod;
        });
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    });
  }

  private interface Inside {
    void run() throws Exception;
  }
}
