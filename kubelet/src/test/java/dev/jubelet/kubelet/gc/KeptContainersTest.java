package dev.jubelet.kubelet.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.ContainerStatus;
import dev.jubelet.kubelet.cri.PodStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KeptContainersTest {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  private static Collection<PodStatus> unasked() {
    throw new AssertionError("not asked without a limit on all");
  }

  /// `name:state:age in seconds`, newest first; the id is the pod's uid and that text.
  private static PodStatus pod(String uid, String... containers) {
    List<ContainerStatus> all =
        Arrays.stream(containers).map(text -> container(uid, text)).toList();
    return new PodStatus(uid, uid, "default", List.of(), List.of(), all, NOW);
  }

  private static ContainerStatus container(String uid, String text) {
    String[] parts = text.split(":");
    Instant at = NOW.minusSeconds(Long.parseLong(parts[2]));
    boolean dead = parts[1].equals("dead");
    return new ContainerStatus(
        uid + "/" + text,
        parts[0],
        "sandbox",
        0,
        dead ? State.EXITED : parts[1].equals("made") ? State.CREATED : State.RUNNING,
        at,
        Optional.of(at),
        dead ? Optional.of(at) : Optional.empty(),
        0,
        "image",
        "ref",
        "id",
        "",
        "",
        "",
        "",
        Map.of());
  }

  @Test
  void theNewestOfEachNameStay() {
    PodStatus pod = pod("u", "a:live:1", "a:dead:5", "a:dead:9", "b:dead:2", "b:dead:3");
    assertThat(
            new KeptContainers(1, -1, Duration.ZERO).surplus(pod, KeptContainersTest::unasked, NOW))
        .containsExactlyInAnyOrder("u/a:dead:9", "u/b:dead:3");
    assertThat(
            new KeptContainers(0, -1, Duration.ZERO).surplus(pod, KeptContainersTest::unasked, NOW))
        .hasSize(4);
    assertThat(new KeptContainers(-1, -1, Duration.ZERO)
            .surplus(pod, KeptContainersTest::unasked, NOW))
        .isEmpty();
    assertThat(new KeptContainers(1, -1, Duration.ofSeconds(4))
            .surplus(pod, KeptContainersTest::unasked, NOW))
        .containsExactly("u/a:dead:9");
  }

  @Test
  void aClockThatWasSetBackKeepsNothingWithoutAMinimumAge() {
    PodStatus pod = pod("u", "a:live:-3600", "a:dead:-3601", "a:dead:-3602");
    assertThat(
            new KeptContainers(1, -1, Duration.ZERO).surplus(pod, KeptContainersTest::unasked, NOW))
        .containsExactly("u/a:dead:-3602");
    KeptContainers aged = new KeptContainers(1, -1, Duration.ofMinutes(1));
    assertThat(aged.surplus(pod, KeptContainersTest::unasked, NOW)).isEmpty();
    assertThat(aged.oldEnough(NOW.minusSeconds(61), NOW)).isTrue();
  }

  @Test
  void whatNeverStartedGoesToo() {
    PodStatus pod = pod("u", "a:made:1", "a:made:5", "a:made:9", "a:dead:20");
    assertThat(
            new KeptContainers(1, -1, Duration.ZERO).surplus(pod, KeptContainersTest::unasked, NOW))
        .as("the newest may be about to start")
        .containsExactlyInAnyOrder("u/a:made:9", "u/a:dead:20");
  }

  @Test
  void aLimitOnAllTakesTheOldestOfAllPods() {
    PodStatus one = pod("u", "a:live:1", "a:dead:5", "a:dead:50");
    PodStatus two = pod("v", "a:live:1", "a:dead:7", "b:live:1", "b:dead:90");
    Supplier<Collection<PodStatus>> all = () -> List.of(one, two);

    KeptContainers four = new KeptContainers(-1, 4, Duration.ZERO);
    assertThat(four.surplus(one, all, NOW)).isEmpty();
    assertThat(four.surplus(two, all, NOW)).isEmpty();

    // one of each container fits
    KeptContainers three = new KeptContainers(-1, 3, Duration.ZERO);
    assertThat(three.surplus(one, all, NOW)).containsExactly("u/a:dead:50");
    assertThat(three.surplus(two, all, NOW)).isEmpty();

    // and then the oldest go
    KeptContainers single = new KeptContainers(-1, 1, Duration.ZERO);
    assertThat(single.surplus(one, all, NOW)).containsExactly("u/a:dead:50");
    assertThat(single.surplus(two, all, NOW))
        .containsExactlyInAnyOrder("v/a:dead:7", "v/b:dead:90");
  }

  @Test
  void whatSaysThatAContainerIsDoneStays() {
    PodStatus job = pod("u", "a:dead:5", "a:dead:50");
    assertThat(new KeptContainers(-1, 0, Duration.ZERO).surplus(job, () -> List.of(job), NOW))
        .containsExactly("u/a:dead:50");
  }
}
