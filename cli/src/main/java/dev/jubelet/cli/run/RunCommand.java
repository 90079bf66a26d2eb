package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.cli.Signals;
import dev.jubelet.cli.wiring.BackgroundAgent;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.Manifest;
import dev.jubelet.trace.local.v1.RunPodsRequest;
import dev.jubelet.trace.local.v1.RunPodsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jubelet run FILE|DIR|-`.
@Command(
    name = "run",
    description = {
      "Runs pods and shows what they do. When all have ended they are removed.",
      "Exit codes: 0 all succeeded, 1 one failed, 2 usage or manifest error,",
      "130 interrupted (the pods are removed; a second Ctrl-C does it at once),",
      "141 nobody reads the output.",
    })
public final class RunCommand implements Callable<Integer> {
  private static final Duration ANSWER = Duration.ofSeconds(30);

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE|DIR|-",
      description = "manifests with pods; of a directory its *.yaml, *.yml and *.json")
  private List<String> places = List.of();

  @Option(
      names = {"-d", "--detach"},
      description = "leave the pods to an agent in the background; 'jubelet rm' removes them")
  private boolean detach;

  @Mixin
  private AgentOptions options = new AgentOptions();

  @Override
  public Integer call() throws Failure, IOException, InterruptedException {
    List<Manifest> manifests = Manifests.read(places);
    return detach ? detached(manifests) : foreground(manifests);
  }

  private int detached(List<Manifest> manifests) throws Failure, IOException, InterruptedException {
    Optional<LocalClient> running = AgentLink.shared();
    running.ifPresent(_ -> AgentLink.tellUnused(options.flags()));
    Path log = running.isPresent()
        ? AgentLink.logOf(running.get())
        : BackgroundAgent.spawn(options.flags());
    try (LocalClient agent = running.orElseGet(AgentLink::open)) {
      List<String> uids = handOver(agent, manifests);
      System.out.println(uids.size()
          + (uids.size() == 1 ? " pod runs" : " pods run")
          + " in the background; the agent's log is "
          + log);
    }
    return 0;
  }

  private int foreground(List<Manifest> manifests)
      throws Failure, IOException, InterruptedException {
    AtomicInteger interrupts = new AtomicInteger();
    Signals.onEnd(interrupts::incrementAndGet);
    List<String> others = new ArrayList<>();
    int exitCode;
    try (AgentLink link = AgentLink.sharedOrOwn(options.flags())) {
      List<String> uids = handOver(link.client(), manifests);
      exitCode = new RunSession(link.client(), uids, Screen.ofProcess(), interrupts).show();
      if (link.own()) {
        others.addAll(link.pods());
      }
    }
    if (!others.isEmpty()) {
      Path log = BackgroundAgent.spawn(options.flags());
      System.err.println("jubelet: an agent in the background goes on with the other pods ("
          + String.join(", ", others)
          + "); its log is "
          + log);
    }
    return exitCode;
  }

  private List<String> handOver(LocalClient agent, List<Manifest> manifests) throws Failure {
    RunPodsResponse taken = agent
        .within(ANSWER)
        .runPods(RunPodsRequest.newBuilder()
            .addAllManifests(manifests)
            .setDetach(detach)
            .build());
    if (taken.getProblemsCount() > 0) {
      throw Failure.usage(String.join("\n", taken.getProblemsList()));
    }
    return taken.getUidsList();
  }
}
