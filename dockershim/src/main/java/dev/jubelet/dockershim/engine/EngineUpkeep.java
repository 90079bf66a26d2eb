package dev.jubelet.dockershim.engine;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.state.ContainerState;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that the engine went away or is another one now, and takes up the pods again when it is
/// back.
public final class EngineUpkeep implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineUpkeep.class);
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final ContainerState state;
  private final WatchedEngine engine;
  private final Supplier<Optional<String>> engineStart;
  private final TakeUp takeUp;
  private final Thread thread;
  private Optional<String> known = Optional.empty();
  private boolean taken;

  /// @param engineStart names the engine's process
  /// @param takeUp runs once per time that the engine came (back)
  public EngineUpkeep(
      ContainerState state,
      WatchedEngine engine,
      Supplier<Optional<String>> engineStart,
      TakeUp takeUp) {
    this.state = state;
    this.engine = engine;
    this.engineStart = engineStart;
    this.takeUp = takeUp;
    this.thread = Thread.ofVirtual().name("engine-upkeep").unstarted(this::run);
  }

  public EngineUpkeep start() {
    thread.start();
    return this;
  }

  private void run() {
    try {
      while (true) {
        look();
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      log.debug("engine upkeep ends");
    }
  }

  private void look() throws InterruptedException {
    Optional<ContainerState.Outage> outage = state.outage();
    if (outage.isPresent()) {
      if (taken || known.isPresent()) {
        log.warn("the Docker Engine does not answer: {}", outage.get().message());
      }
      lost();
      return;
    }
    Optional<String> now = engineStart.get();
    if (known.isPresent() && !now.equals(known)) {
      lost();
    }
    known = now;
    if (!taken && state.proven()) {
      takeUp();
    }
  }

  private void lost() {
    known = Optional.empty();
    taken = false;
    engine.wasAway();
  }

  private void takeUp() throws InterruptedException {
    try {
      engine.current();
      takeUp.run();
      taken = true;
    } catch (InterruptedException e) {
      throw e;
    } catch (DockerException | CriException e) {
      log.warn("the engine cannot be taken up yet: {}", e.getMessage());
    } catch (Exception e) {
      log.error("taking up the pods failed", e);
      taken = true;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /// What there is to do for the pods that run already.
  public interface TakeUp {
    void run() throws Exception;
  }
}
