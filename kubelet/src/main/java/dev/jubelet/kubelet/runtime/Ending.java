package dev.jubelet.kubelet.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// The wish that a pod ends: sticky, and its grace only shrinks. Work that can be given up (a pull,
/// a stop with too much patience) listens to it.
public final class Ending {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private Optional<Duration> grace = Optional.empty();
  private boolean requested;

  public synchronized boolean requested() {
    return requested;
  }

  /// Instead of the pod's own grace; at least a second.
  public synchronized Optional<Duration> grace() {
    return grace;
  }

  /// @param override empty for the pod's own grace
  /// @return whether this asked for something new
  public boolean request(Optional<Duration> override) {
    synchronized (this) {
      Optional<Duration> wanted = override.map(d -> d.compareTo(SHORTEST) < 0 ? SHORTEST : d);
      boolean shorter =
          wanted.isPresent() && (grace.isEmpty() || wanted.get().compareTo(grace.get()) < 0);
      if (requested && !shorter) {
        return false;
      }
      requested = true;
      grace = shorter ? wanted : grace;
    }
    listeners.forEach(Runnable::run);
    return true;
  }

  /// Runs `listener` (must not block) when ending begins and whenever the grace shrinks, until the
  /// result is closed; at once when ending has begun already.
  Registration listen(Runnable listener) {
    listeners.add(listener);
    if (requested()) {
      listener.run();
    }
    return () -> listeners.remove(listener);
  }

  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
