package dev.jubelet.kubelet.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.cri.PodId;
import java.time.Clock;
import org.junit.jupiter.api.Test;

final class EventsTest {
  private static final PodId POD = new PodId("u1", "web", "default");
  private final Events events = new Events(Clock.systemUTC());

  @Test
  void equalOnesAreCountedAndMoveToTheEnd() {
    events.warning(POD, "BackOff", Events.containerPath("web"), "again");
    events.normal(POD, "Started", Events.containerPath("web"), "Started container web");
    events.warning(POD, "BackOff", Events.containerPath("web"), "again");

    assertThat(events.of("u1"))
        .extracting(Events.Event::reason)
        .containsExactly("Started", "BackOff");
    Events.Event last = events.of("u1").getLast();
    assertThat(last.count()).isEqualTo(2);
    assertThat(last.type()).isEqualTo("Warning");
    assertThat(last.fieldPath()).isEqualTo("spec.containers{web}");
  }

  @Test
  void theRingIsBounded() {
    for (int i = 0; i < 200; i++) {
      events.normal(POD, "Pulled", "", "image " + i);
    }

    assertThat(events.of("u1")).hasSize(50);
    assertThat(events.of("u1").getLast().message()).isEqualTo("image 199");
    assertThat(events.of("u2")).isEmpty();
  }
}
