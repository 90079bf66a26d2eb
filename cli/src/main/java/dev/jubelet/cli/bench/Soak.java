package dev.jubelet.cli.bench;

import dev.jubelet.cli.bench.Inventory.Growth;
import dev.jubelet.cli.doctor.DoctorCommand;
import dev.jubelet.dockershim.docker.DockerApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/// A day compressed: pods come and go in rounds, a tenth of them crash-looping, and afterwards
/// everything is to be as it was after the first round.
final class Soak {
  /// The most that are there at once.
  private static final int ROUND = 50;

  private static final int CRASHING = 10;
  private static final Duration SETTLE = Duration.ofMinutes(2);

  /// Bounded memories of what was: spans, events.
  private static final double HEAP_MIB = 6;

  private static final double PSS_MIB = 16;

  /// The first error of its kind makes a series.
  private static final int SERIES = 5;

  /// Java keeps a few more than there are cores, and lets go of them one by one.
  private static final int CARRIERS = 2 * Runtime.getRuntime().availableProcessors();

  private static final int VIRTUAL_THREADS = 10;

  private final AgentProcess agent;
  private final AgentBurst burst;
  private final NodeLook look;
  private final JavaMachine machine;
  private final long begin = System.nanoTime();

  /// @param metricsPort that the agent was given by [#settings]
  Soak(DockerApi docker, AgentProcess agent, AgentBurst burst, int metricsPort, Path work) {
    this.agent = agent;
    this.burst = burst;
    look = new NodeLook(docker, agent, metricsPort, work);
    machine = new JavaMachine(agent.pid());
  }

  /// What its agent is configured with: where to read metrics, and crash loops that turn fast.
  static String settings(int metricsPort) {
    return """
        readOnlyPort: %d
        crashLoopBackOff: {maxContainerRestartPeriod: 1s}""".formatted(metricsPort);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private record Moment(Inventory things, HeapHistogram heap, double pss) {}

  /// Two seconds and a half a pod on a slow machine, and what settles.
  private static Duration limit(int pods) {
    return Duration.ofMinutes(10).plus(Duration.ofMillis(2500).multipliedBy(pods));
  }

  /// Says progress and what is left over; whether nothing is.
  boolean run(int pods) throws IOException, InterruptedException {
    int done = round(0, pods);
    Moment before = settled();
    say("before, after the first %d pods: %s", done, figures(before));
    while (done < pods) {
      if (seconds() > limit(pods).toSeconds()) {
        throw new IOException(
            "only %d of %d pods came and went in %.0f s".formatted(done, pods, seconds()));
      }
      done = round(done, pods);
    }
    Moment after = settled(before);
    say("after, all %d pods: %s", done, figures(after));
    List<String> grown = grown(before, after);
    grown.forEach(line -> say("GREW %s", line));
    boolean leaks = doctor() != 0;
    say(grown.isEmpty() && !leaks ? "everything is as before" : "not everything is as before");
    return grown.isEmpty() && !leaks;
  }

  /// Returns how many pods came and went by now.
  private int round(int done, int pods) throws IOException, InterruptedException {
    int now = Math.min(ROUND, pods - done);
    int crashing = (done + now) / CRASHING - done / CRASHING;
    burst.start(now, crashing);
    burst.removeAll();
    say(
        "%d of %d pods, %d crash-looping: %.0f s, agent %.0f MiB PSS",
        done + now, pods, (done + now) / CRASHING, seconds(), Cost.pssMib(agent.pid()));
    return done + now;
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private Moment moment() throws IOException, InterruptedException {
    HeapHistogram heap = machine.histogram();
    return new Moment(look.now(heap), heap, Cost.pssMib(agent.pid()));
  }

  /// When a look shows what the one before showed: threads and connections that are not used any
  /// more end after a while.
  private Moment settled() throws IOException, InterruptedException {
    long end = System.nanoTime() + SETTLE.toNanos();
    Moment last = moment();
    while (true) {
      TimeUnit.SECONDS.sleep(5);
      Moment now = moment();
      if (now.things.equals(last.things) || System.nanoTime() > end) {
        return now;
      }
      last = now;
    }
  }

  /// As soon as nothing is more than before; else when the patience ends.
  private Moment settled(Moment before) throws IOException, InterruptedException {
    long end = System.nanoTime() + SETTLE.toNanos();
    Moment now = moment();
    while (!grown(before, now).isEmpty() && System.nanoTime() < end) {
      TimeUnit.SECONDS.sleep(5);
      now = moment();
    }
    return now;
  }

  private static List<String> grown(Moment before, Moment after) {
    List<Growth> all = after.things.since(before.things);
    long series = all.stream().filter(Soak::isSeries).count();
    List<String> lines = new ArrayList<>();
    all.stream()
        .filter(growth -> isSeries(growth) ? series > SERIES : growth.more() > allowed(growth))
        .forEach(growth -> lines.add(growth.toString()));
    memory("PSS", before.pss, after.pss, PSS_MIB, lines);
    boolean heap = memory("heap", mib(before.heap), mib(after.heap), HEAP_MIB, lines);
    if (heap) {
      after.heap.growth(before.heap, 15).forEach(line -> lines.add("heap: " + line));
    }
    return lines;
  }

  private static boolean isSeries(Growth growth) {
    return growth.kind().equals(NodeLook.SERIES);
  }

  private static long allowed(Growth growth) {
    return switch (growth.name()) {
      case NodeLook.CARRIER -> CARRIERS;
      case NodeLook.VIRTUAL_THREAD -> VIRTUAL_THREADS;
      default -> 0;
    };
  }

  private static boolean memory(
      String what, double before, double after, double allowed, List<String> lines) {
    boolean grew = after > before + allowed;
    if (grew) {
      lines.add(String.format(
          Locale.ROOT,
          "%s: %.1f MiB before, %.1f MiB after (%.0f more allowed)",
          what,
          before,
          after,
          allowed));
    }
    return grew;
  }

  private static double mib(HeapHistogram heap) {
    return heap.bytes() / 1048576.0;
  }

  private static String figures(Moment moment) {
    StringBuilder text = new StringBuilder(
        String.format(Locale.ROOT, "%.1f MiB PSS, %.1f MiB heap", moment.pss, mib(moment.heap)));
    moment
        .things
        .kinds()
        .keySet()
        .forEach(
            kind -> text.append(", ").append(kind).append(' ').append(moment.things.count(kind)));
    return text.toString();
  }

  /// `jubelet doctor --leaks` on the agent's directories.
  private int doctor() {
    List<String> words = new ArrayList<>(List.of("--leaks"));
    words.addAll(agent.places());
    return new CommandLine(new DoctorCommand()).execute(words.toArray(String[]::new));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library we do not have
  private static void say(String format, Object... args) {
    System.out.println(args.length == 0 ? format : String.format(Locale.ROOT, format, args));
  }
}
