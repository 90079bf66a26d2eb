package dev.jubelet.kubelet.cri;

import dev.jubelet.cri.v1.RuntimeCondition;
import dev.jubelet.cri.v1.StatusResponse;
import dev.jubelet.cri.v1.VersionResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the runtime says of itself, asked every few seconds: whether it answers, whether pods can
/// be
/// joined to a network, and what it is called.
public final class RuntimeHealth implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RuntimeHealth.class);
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration CONNECT = Duration.ofMillis(500);
  private static final Duration TOLERATED = Duration.ofSeconds(30);

  private final RuntimeClient client;
  private final String endpoint;
  private final Runnable onNetworkReady;
  private volatile Optional<String> networkProblem = Optional.of("the runtime was not asked yet");
  private volatile Optional<String> absence = Optional.of("the runtime was not asked yet");
  private volatile Optional<String> said = Optional.empty();
  private volatile String name = "";
  private volatile long goodAt = System.nanoTime();
  private final Thread thread;

  /// @param onNetworkReady is told when pods can be joined again
  public RuntimeHealth(RuntimeClient client, String endpoint, Runnable onNetworkReady) {
    this.client = client;
    this.endpoint = endpoint;
    this.onNetworkReady = onNetworkReady;
    this.thread = Thread.ofVirtual().name("runtime-health").unstarted(this::loop);
  }

  /// Waits until the runtime answers, saying once that it does not.
  public void connect() throws InterruptedException {
    boolean told = false;
    while (name.isEmpty()) {
      try {
        VersionResponse version = client.version();
        log.info(
            "Container runtime initialized containerRuntime=\"{}\" version=\"{}\" apiVersion=\"{}\"",
            version.getRuntimeName(),
            version.getRuntimeVersion(),
            version.getRuntimeApiVersion());
        check();
        name = version.getRuntimeName();
      } catch (CriException e) {
        if (!told) {
          log.info(
              "Waiting for the container runtime endpoint=\"{}\" err=\"{}\"",
              endpoint,
              e.getMessage());
        }
        told = true;
        absence = Optional.of(String.valueOf(e.getMessage()));
        Thread.sleep(CONNECT);
      }
    }
    thread.start();
  }

  /// `docker`, `containerd`…; empty before the runtime answered.
  public String runtimeName() {
    return name;
  }

  /// Why pods cannot be joined to a network now; empty when they can.
  public Optional<String> networkProblem() {
    return networkProblem;
  }

  /// Why the runtime is not well, at once when it says so itself; its own short absence is none.
  public Optional<String> problem() {
    boolean lasting = System.nanoTime() - goodAt > TOLERATED.toNanos();
    return said.or(() -> lasting ? absence : Optional.empty())
        .map(p -> "container runtime is not ready: " + p);
  }

  private void loop() {
    while (true) {
      try {
        Thread.sleep(PERIOD);
        check();
      } catch (CriException e) {
        absence = Optional.of(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void check() throws CriException {
    StatusResponse answer = client.status(false);
    List<RuntimeCondition> conditions = answer.getStatus().getConditionsList();
    said = problem(conditions, "RuntimeReady");
    absence = Optional.empty();
    goodAt = System.nanoTime();
    Optional<String> before = networkProblem;
    networkProblem =
        problem(conditions, "NetworkReady").map(p -> "container runtime network not ready: " + p);
    if (networkProblem.isPresent() && !networkProblem.equals(before)) {
      log.warn("{}", networkProblem.get());
    } else if (before.isPresent() && networkProblem.isEmpty()) {
      onNetworkReady.run();
    }
  }

  private static Optional<String> problem(List<RuntimeCondition> conditions, String type) {
    return conditions.stream()
        .filter(c -> c.getType().equals(type) && !c.getStatus())
        .map(c -> "%s=false reason:%s message:%s".formatted(type, c.getReason(), c.getMessage()))
        .findFirst();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
