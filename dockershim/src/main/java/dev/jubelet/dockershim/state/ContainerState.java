package dev.jubelet.dockershim.state;

import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The event-fed cache of Kubernetes containers (sandboxes too): design decision 5. Reads see the
/// caller's own writes.
public interface ContainerState extends AutoCloseable {

  /// One container, proven fresh; empty when the engine does not have it.
  Optional<Seen> get(String id) throws DockerException;

  /// All containers whose labels say that they are Kubernetes' (sandboxes and containers), proven
  /// fresh.
  List<Seen> list() throws DockerException;

  /// After create: the answer is exact and enters the cache at once.
  void created(ContainerInspect inspect);

  /// After any other write: reads wait for an inspect begun after now.
  void wrote(String id);

  /// Waits until the container's cached state passes `until`; the last seen state on time-out. An
  /// inspect that is under way already is waited for a little longer.
  ///
  /// @throws DockerException the engine does not answer, or not in that time
  Optional<Seen> await(String id, java.util.function.Predicate<Seen> until, Duration atMost)
      throws DockerException, InterruptedException;

  /// Is told of each observed change of a container (created, started, stopped, removed), in order
  /// per container, from one virtual thread. Must not block for long.
  void onChange(Consumer<Change> listener);

  /// Is told that some image changed, or that changes may have been missed. Must not block.
  void onImages(Runnable listener);

  /// False while the engine does not answer or the events stream is down.
  boolean proven();

  /// Since when the engine does not answer, and the text of the last failure; empty while it
  /// answers.
  Optional<Outage> outage();

  @Override
  void close();

  /// A container as an inspect begun at `readAt` showed it.
  record Seen(ContainerInspect inspect, Instant readAt) {}

  /// `before` is empty for a new one, `after` for a removed one.
  record Change(String id, Optional<Seen> before, Optional<Seen> after, Instant at) {}

  record Outage(Instant since, String message) {}
}
