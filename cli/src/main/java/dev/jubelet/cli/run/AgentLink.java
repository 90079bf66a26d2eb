package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.wiring.Agent;
import dev.jubelet.cli.wiring.RunAgent;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.linux.RootLock;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.LocalSockets;
import dev.jubelet.trace.local.v1.InfoRequest;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.PodSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The agent that a run uses: the one that is there, or one inside this process.
final class AgentLink implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /// Another process may hold the directory and be about to listen.
  private static final Duration STARTING = Duration.ofSeconds(10);

  private final LocalClient client;
  private final @Nullable Agent own;

  private AgentLink(LocalClient client, @Nullable Agent own) {
    this.client = client;
    this.own = own;
  }

  /// The agent that runs already.
  static Optional<LocalClient> shared() {
    return LocalSockets.ask(LocalSockets.ofHost().run()).map(_ -> open());
  }

  static LocalClient open() {
    return LocalClient.open(LocalSockets.ofHost().run());
  }

  static Path logOf(LocalClient agent) {
    return Path.of(agent.within(ANSWER).info(InfoRequest.getDefaultInstance()).getLogFile());
  }

  /// Joins the running agent, or starts one here with these kubelet flags.
  static AgentLink sharedOrOwn(List<String> flags)
      throws Failure, IOException, InterruptedException {
    Optional<LocalClient> shared = shared();
    if (shared.isPresent()) {
      tellUnused(flags);
      return new AgentLink(shared.get(), null);
    }
    KubeletSettings settings = RunAgent.settings(flags);
    RootLock lock;
    try {
      lock = RunAgent.lock(settings);
    } catch (IOException inUse) {
      return new AgentLink(another().orElseThrow(() -> inUse), null);
    }
    RunAgent.missingEngine(settings)
        .ifPresent(problem -> System.err.println("jubelet: " + problem));
    Agent agent = RunAgent.start(settings, lock);
    return new AgentLink(LocalClient.open(agent.local()), agent);
  }

  /// Flags of an agent that runs already cannot be changed.
  static void tellUnused(List<String> flags) {
    if (!flags.isEmpty()) {
      System.err.println("jubelet: an agent runs already, so its own settings count instead of "
          + String.join(" ", flags));
    }
  }

  /// The agent of somebody who was faster.
  private static Optional<LocalClient> another() throws InterruptedException {
    long end = System.nanoTime() + STARTING.toNanos();
    while (System.nanoTime() < end) {
      Optional<LocalClient> shared = shared();
      if (shared.isPresent()) {
        return shared;
      }
      Thread.sleep(Duration.ofMillis(100));
    }
    return Optional.empty();
  }

  LocalClient client() {
    return client;
  }

  /// Whether the agent is inside this process.
  boolean own() {
    return own != null;
  }

  /// The names of the pods that the agent still has.
  List<String> pods() {
    return client
        .within(ANSWER)
        .listPods(ListPodsRequest.getDefaultInstance())
        .getPodsList()
        .stream()
        .map(PodSummary::getName)
        .toList();
  }

  @Override
  public void close() {
    client.close();
    if (own != null) {
      own.close();
    }
  }
}
