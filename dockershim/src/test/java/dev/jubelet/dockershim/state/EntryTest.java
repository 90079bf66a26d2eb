package dev.jubelet.dockershim.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.docker.Containers;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The host's clock is set while a container is known.
class EntryTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  private final Entry entry = new Entry("a");

  /// So many seconds after the inspect, with a clock that was set by so many hours.
  private static Moment after(int seconds, int hours) {
    return new Moment(
        Duration.ofSeconds(seconds).toNanos(),
        NOON.plusSeconds(seconds).plus(Duration.ofHours(hours)));
  }

  private static Seen seen(Moment at) {
    return new Seen(Containers.inspect("a"), at.host());
  }

  @BeforeEach
  void inspected() {
    long mark = entry.mark(Instant.MAX, after(0, 0)).mark();
    assertThat(entry.finish(mark, after(0, 0), seen(after(0, 0)))).isPresent();
    assertThat(entry.pending()).isZero();
  }

  @Test
  void anEventFromBeforeTheInspectIsNoNews() {
    entry.mark(NOON.minusMillis(1), after(1, 0));
    assertThat(entry.pending()).isZero();
    entry.mark(NOON.plusMillis(1), after(1, 0));
    assertThat(entry.pending()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void anEventAfterTheClockWasSetIsNews(int hours) {
    entry.mark(after(1, hours).host(), after(2, hours));
    assertThat(entry.pending()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void aLaterInspectCountsWhateverTheClockSays(int hours) {
    Seen later = seen(after(5, hours));
    assertThat(entry.finish(0, after(5, hours), later)).isPresent();
    assertThat(entry.seen()).contains(later);
    assertThat(entry.finish(0, after(4, -hours), seen(after(4, -hours)))).isEmpty();
    assertThat(entry.seen()).contains(later);
  }
}
