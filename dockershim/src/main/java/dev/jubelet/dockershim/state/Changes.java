package dev.jubelet.dockershim.state;

import dev.jubelet.dockershim.state.ContainerState.Change;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells listeners of changes, in the order in which they were seen, from one virtual thread. A
/// listener that fails is logged and goes on.
final class Changes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Changes.class);

  private final BlockingQueue<Change> queue = new LinkedBlockingQueue<>();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;

  Changes() {
    thread = Thread.ofVirtual().name("container-changes").start(this::tell);
  }

  void listen(Consumer<Change> listener) {
    listeners.add(listener);
  }

  void add(Change change) {
    queue.add(change);
  }

  private void tell() {
    try {
      while (true) {
        Change change = queue.take();
        listeners.forEach(listener -> tell(listener, change));
      }
    } catch (InterruptedException e) {
      log.debug("no more changes are told");
    }
  }

  private static void tell(Consumer<Change> listener, Change change) {
    try {
      listener.accept(change);
    } catch (RuntimeException e) {
      log.error("a listener failed at a change of container {}", change.id(), e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
