package dev.jubelet.dockershim.pods;

import dev.jubelet.dockershim.state.ContainerState;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import dev.jubelet.trace.Traces;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads see the shim's own writes at the price of one inspect, not two: the engine's event of a
/// write mostly comes before the call's answer and has caused an inspect already. Only where it has
/// not, the write marks the container itself.
public final class Writes {
  private static final Logger log = LoggerFactory.getLogger(Writes.class);
  private static final Duration EVENT = Duration.ofMillis(20);

  private final ContainerState state;
  private final Traces traces;

  public Writes(ContainerState state, Traces traces) {
    this.state = state;
    this.traces = traces;
  }

  /// A first start was answered.
  public void started(String id) throws InterruptedException {
    wrote(id, seen -> seen.inspect().startedAt().isPresent());
  }

  /// A stop was answered.
  public void stopped(String id) throws InterruptedException {
    wrote(id, seen -> !seen.inspect().running());
  }

  /// A removal was answered.
  public void removed(String id) throws InterruptedException {
    wrote(id, seen -> false);
  }

  /// Nobody knows what the write did.
  public void failed(String id) {
    state.wrote(id);
  }

  private void wrote(String id, Predicate<Seen> shows) throws InterruptedException {
    try {
      Optional<Seen> seen = traces.<Optional<Seen>, Exception>in(
          "wait", "the engine's event of it", () -> state.await(id, shows, EVENT));
      if (seen.isEmpty() || shows.test(seen.get())) {
        return;
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      log.debug("container {} after a write: {}", id, e.getMessage());
    }
    state.wrote(id);
  }
}
