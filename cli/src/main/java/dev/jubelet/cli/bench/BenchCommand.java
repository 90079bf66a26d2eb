package dev.jubelet.cli.bench;

import dev.jubelet.dockershim.docker.DockerApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Start latency and cost of the agent, beside the floor in the same run.
@Command(
    name = "bench",
    description =
        "Measures pod starts beside the floor of raw Docker and CNI calls, and the agent's cost.")
public final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "-n",
      split = ",",
      defaultValue = "1,30,100",
      description = "numbers of pods at once (default: ${DEFAULT-VALUE})")
  private int[] pods = {};

  @Option(
      names = "--runs",
      defaultValue = "1",
      description =
          "runs of each burst, each beside a floor of its own; the median counts (--check: 5, of 100 pods 3)")
  private int runs = 1;

  @Option(names = "--check", description = "exit 1 when a bar of the design is missed")
  private boolean check;

  @Option(
      names = "--image",
      defaultValue = "jubelet/busybox:1",
      description = "image with /bin/sleep (default: ${DEFAULT-VALUE})")
  private String image = "";

  @Option(names = "--idle", defaultValue = "30", description = "seconds of idle to measure")
  private int idleSeconds = 30;

  @Option(
      names = "--logs",
      arity = "0..1",
      defaultValue = "0",
      fallbackValue = "100",
      description = "measures instead what the logs of so many containers of 10 KB/s cost"
          + " (default: ${FALLBACK-VALUE})")
  private int logs;

  @Option(
      names = "--soak",
      arity = "0..1",
      defaultValue = "0",
      fallbackValue = "3000",
      description = "instead starts and removes so many pods, a tenth of them crash-looping; exit 1"
          + " when anything is more afterwards (default: ${FALLBACK-VALUE})")
  private int soak;

  private final Bars bars = new Bars();

  @Override
  public Integer call() throws Exception {
    Path work = Files.createTempDirectory("jubelet-bench");
    Path socket = BenchEngine.socket();
    BenchNetwork network = new BenchNetwork(work);
    try (DockerApi docker = BenchEngine.open(socket)) {
      String pause = BenchEngine.pauseImage(docker, image);
      System.out.printf("engine %s, images %s and %s%n", docker.version().version(), pause, image);
      if (soak > 0) {
        return soak(docker, socket, work, network) ? 0 : 1;
      } else if (logs > 0) {
        measureLogs(docker, socket, work, network);
      } else {
        measure(docker, socket, work, network, pause);
      }
    } finally {
      network.close();
      deleteTree(work);
    }
    bars.missed().forEach(missed -> System.out.println("MISSED " + missed));
    return check && !bars.missed().isEmpty() ? 1 : 0;
  }

  private void measure(DockerApi docker, Path socket, Path work, BenchNetwork network, String pause)
      throws Exception {
    Floor floor = new Floor(docker, network, pause, image);
    try (AgentProcess agent = new AgentProcess(work, socket, network, "")) {
      agent.awaitReady();
      double pss = Cost.pssMib(agent.pid());
      say("agent with 0 pods: %.0f MiB PSS", pss);
      bars.atMost("PSS with 0 pods (MiB)", pss, Bars.PSS_EMPTY);
      try (AgentBurst burst = new AgentBurst(docker, agent.manifests(), image)) {
        for (int n : pods) {
          burst(floor, agent, burst, n);
        }
      }
    }
  }

  private boolean soak(DockerApi docker, Path socket, Path work, BenchNetwork network)
      throws Exception {
    int metricsPort = Soak.freePort();
    try (AgentProcess agent = new AgentProcess(work, socket, network, Soak.settings(metricsPort))) {
      agent.awaitReady();
      try (AgentBurst burst = new AgentBurst(docker, agent.manifests(), image)) {
        return new Soak(docker, agent, burst, metricsPort, work).run(soak);
      } catch (IllegalStateException e) {
        throw new IOException(e.getMessage() + "; the end of the agent's log:\n" + agent.tail(), e);
      }
    }
  }

  private void measureLogs(DockerApi docker, Path socket, Path work, BenchNetwork network)
      throws Exception {
    try (AgentProcess agent = new AgentProcess(work, socket, network, "");
        ChattyPods pods = new ChattyPods(docker, agent, image)) {
      agent.awaitReady();
      pods.start(logs);
      TimeUnit.SECONDS.sleep(10);
      long linesBefore = pods.lines();
      double before = Cost.cpuSeconds(agent.pid());
      TimeUnit.SECONDS.sleep(idleSeconds);
      double cores = (Cost.cpuSeconds(agent.pid()) - before) / idleSeconds;
      long lines = (pods.lines() - linesBefore) / idleSeconds;
      long wrong = pods.wrongLines();
      say(
          "logs of %d containers: %.3f cores for %d lines/s of 100 bytes; %d lines missing or repeated",
          logs, cores, lines, wrong);
      bars.atLeast(
          "lines/s of " + logs + " containers", (double) lines, 0.9 * ChattyPods.LINES * logs);
      bars.atMost("lines missing or repeated", (double) wrong, 0);
      bars.atMost("cores for the logs of " + logs + " containers", cores, Bars.LOG_CORES);
    }
  }

  // Small bursts differ most from each other.
  private int times(int n) {
    return check ? Math.max(n < 100 ? 5 : 3, runs) : runs;
  }

  private void burst(Floor floor, AgentProcess agent, AgentBurst burst, int n) throws Exception {
    int times = times(n);
    Figures[] raw = new Figures[times];
    Figures[] ours = new Figures[times];
    double[] ratios = new double[times]; // each to the floor just before: a machine's speed drifts
    double[] cpu = new double[times];
    double[] teardown = new double[times];
    for (int k = 0; k < times; k++) {
      raw[k] = floor.best(n);
      double before = Cost.cpuSeconds(agent.pid());
      ours[k] = burst.start(n);
      cpu[k] = Cost.cpuSeconds(agent.pid()) - before;
      ratios[k] = ours[k].wallSeconds() / raw[k].wallSeconds();
      say(
          "  agent: %.2f s = %.2f x; median / last %.2f; CPU %.2f s",
          ours[k].wallSeconds(), ratios[k], ours[k].median() / ours[k].last(), cpu[k]);
      if (k == times - 1 && n == Arrays.stream(pods).max().orElse(0)) {
        idle(agent, n);
      }
      teardown[k] = burst.removeAll();
    }
    report(n, median(raw), median(ours), middle(ratios), middle(cpu), middle(teardown));
  }

  private void idle(AgentProcess agent, int n) throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(5);
    double before = Cost.cpuSeconds(agent.pid());
    TimeUnit.SECONDS.sleep(idleSeconds);
    double cores = (Cost.cpuSeconds(agent.pid()) - before) / idleSeconds;
    double pss = Cost.pssMib(agent.pid());
    say("idle with %d pods: %.4f cores, %.0f MiB PSS", n, cores, pss);
    if (n >= 100) {
      bars.atMost("idle cores with 100 pods", cores, Bars.IDLE_CORES);
      bars.atMost("PSS with 100 pods (MiB)", pss, Bars.PSS_100);
    }
  }

  private void report(
      int n, Figures floor, Figures ours, double ratio, double cpu, double teardown) {
    double shape = ours.median() / ours.last();
    say(
        "%d pods: floor p50 %.3f p99 %.3f wall %.3f s; agent p50 %.3f p99 %.3f wall %.3f s; %.2f x the floor;"
            + " median / last %.2f; agent CPU %.2f s; removed in %.2f s",
        n,
        floor.median(),
        floor.quantile(0.99),
        floor.wallSeconds(),
        ours.median(),
        ours.quantile(0.99),
        ours.wallSeconds(),
        ratio,
        shape,
        cpu,
        teardown);
    bars.atMost(n + " pods, ratio to the floor", ratio, n == 1 ? Bars.ONE_POD : Bars.BURST);
    if (n >= 100) {
      bars.atMost("median / last of 100 pods", shape, Bars.MEDIAN_OF_LAST);
      bars.atMost("agent CPU for 100 pods (s)", cpu, Bars.CPU_SECONDS_100);
      bars.atMost("100 pods removed (s)", teardown, Bars.TEARDOWN_SECONDS_100);
    }
  }

  private static Figures median(Figures[] runs) {
    Figures[] sorted = runs.clone();
    Arrays.sort(sorted, Comparator.comparingDouble(Figures::wallSeconds));
    return sorted[sorted.length / 2];
  }

  private static double middle(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library we do not have
  private static void say(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args));
  }

  private static void deleteTree(Path root) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.toList();
    }
    for (Path path : paths.reversed()) {
      Files.deleteIfExists(path);
    }
  }
}
