package dev.jubelet.kubelet;

import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.kubelet.cri.CriException;
import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.cri.PodStatusReader;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.cri.RuntimeHealth;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.explain.Changes;
import dev.jubelet.kubelet.gc.KeptContainers;
import dev.jubelet.kubelet.gc.PodGarbage;
import dev.jubelet.kubelet.image.DockerCredentials;
import dev.jubelet.kubelet.image.ImagePuller;
import dev.jubelet.kubelet.image.PullMetrics;
import dev.jubelet.kubelet.logs.LogDirectories;
import dev.jubelet.kubelet.logs.LogRotations;
import dev.jubelet.kubelet.logs.TerminationMessage;
import dev.jubelet.kubelet.pleg.Pleg;
import dev.jubelet.kubelet.runtime.PodKiller;
import dev.jubelet.kubelet.runtime.PodRuntime;
import dev.jubelet.kubelet.runtime.RuntimeImages;
import dev.jubelet.kubelet.runtime.RuntimeMetrics;
import dev.jubelet.kubelet.runtime.plan.BackoffTable;
import dev.jubelet.kubelet.sync.SyncLoop;
import dev.jubelet.kubelet.sync.SyncMetrics;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.worker.PodWorkers;
import dev.jubelet.kubelet.worker.WorkerMetrics;
import dev.jubelet.kubelet.worker.WorkerParts;
import dev.jubelet.linux.SteadyClock;
import dev.jubelet.trace.Traces;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rooms that a pod goes through: health, pleg, workers, sync loop, wired to one runtime.
final class PodRooms implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodRooms.class);
  private static final Duration DISK = Duration.ofSeconds(30);
  private static final Duration LIST_AGAIN = Duration.ofSeconds(1);

  private final RuntimeHealth health;
  private final Pleg pleg;
  private final PodWorkers workers;
  private final SyncLoop loop;
  private final LogRotations rotations;

  PodRooms(
      KubeletSettings settings,
      KubeletOptions options,
      RuntimeClient client,
      Traces traces,
      Events events,
      Changes changes,
      Clock clock) {
    KubeletConfiguration config = settings.configuration();
    var steady = new SteadyClock();
    Path podLogs = Path.of(config.pods().podLogsDir());
    var messages = new TerminationMessage(settings.rootDir().resolve("pods"), podLogs, DISK);
    var reader = new PodStatusReader(client, messages::of);
    var volumes = new PodVolumes(settings.rootDir(), DISK);
    var logs = new LogDirectories(podLogs, podLogs.resolveSibling("containers"), DISK);
    var killer = new PodKiller(client, events, traces);
    var node = new LocalNode(settings);
    health = new RuntimeHealth(client, options.runtimeEndpoint(), this::wakeAll);
    pleg = new Pleg(
        client,
        reader,
        new PlegMetrics(options.metrics(), this::podChanged),
        Pleg.Periods.STANDARD);
    var runtime = new PodRuntime(
        client,
        reader,
        killer,
        puller(settings, options, client, traces, steady),
        volumes,
        logs,
        node,
        events,
        traces,
        new RuntimeMetrics(options.metrics()),
        clock,
        steady);
    var keep = new KeptContainers(
        settings.garbage().perContainer(),
        settings.garbage().total(),
        settings.garbage().minimumAge());
    var parts = new WorkerParts(
        runtime,
        killer,
        new PodGarbage(
            client, logs, volumes, keep, () -> pleg.cache().all().values(), traces, clock),
        pleg.cache(),
        events,
        traces,
        new WorkerMetrics(options.metrics()),
        health::networkProblem,
        health::runtimeName,
        node::ips,
        backoff(config),
        changes::tell,
        config.pods().syncFrequency(),
        clock,
        steady);
    workers = new PodWorkers(parts, this::podStopped);
    loop = new SyncLoop(
        Sources.expected(settings),
        workers,
        pleg.cache(),
        config.pods().capacity(Runtime.getRuntime().availableProcessors()),
        volumes,
        podLogs,
        events,
        new SyncMetrics(options.metrics()),
        clock);
    rotations = rotations(config.logs(), client, clock, steady);
    new NodeGauges(() -> pleg.cache().all().values(), loop::desired, workers::views)
        .register(options.metrics(), settings.nodeName());
  }

  private static ImagePuller puller(
      KubeletSettings settings,
      KubeletOptions options,
      RuntimeClient client,
      Traces traces,
      Clock clock) {
    KubeletConfiguration.Images images = settings.configuration().images();
    return new ImagePuller(
        new RuntimeImages(client),
        DockerCredentials.standard(settings.rootDir()),
        new ImagePuller.Options(
            images.serializeImagePulls(),
            images.maxParallelImagePulls().orElse(0),
            images.registryPullQPS(),
            images.registryBurst()),
        new PullMetrics(options.metrics()),
        traces,
        clock);
  }

  private LogRotations rotations(
      KubeletConfiguration.Logs config, RuntimeClient client, Clock clock, Clock steady) {
    return new LogRotations(
        new LogRotations.Policy(
            config.containerLogMaxSize(),
            config.containerLogMaxFiles(),
            config.containerLogMaxWorkers(),
            config.containerLogMonitorInterval()),
        () -> RunningLogs.of(workers.views()),
        client::reopenContainerLog,
        DISK,
        clock,
        steady);
  }

  private static BackoffTable backoff(KubeletConfiguration config) {
    Duration most = config.pods().maxContainerRestartPeriod();
    Duration first = BackoffTable.EMPTY.initial();
    return BackoffTable.of(first.compareTo(most) > 0 ? most : first, most);
  }

  private void wakeAll() {
    workers.uids().forEach(workers::wake);
  }

  private void podChanged(PodId id) {
    loop.podChanged(id);
  }

  private void podStopped(PodId id) {
    loop.podStopped(id);
  }

  /// Waits for the runtime, then begins to work; ends early when it is interrupted.
  void begin() {
    try {
      health.connect();
      String said = "";
      for (String problem = list(); !problem.isEmpty(); problem = list()) {
        if (!problem.equals(said)) {
          log.warn("The runtime does not list its pods yet err=\"{}\"", problem);
          said = problem;
        }
        Thread.sleep(LIST_AGAIN);
      }
      loop.start();
      rotations.start();
    } catch (InterruptedException e) {
      log.debug("Closed before the runtime answered");
    }
  }

  /// The problem; empty when there is none.
  private String list() {
    try {
      pleg.start();
      return "";
    } catch (CriException e) {
      return String.valueOf(e.getMessage());
    }
  }

  RuntimeHealth health() {
    return health;
  }

  Pleg pleg() {
    return pleg;
  }

  PodWorkers workers() {
    return workers;
  }

  SyncLoop loop() {
    return loop;
  }

  /// Leaves the containers running.
  @Override
  public void close() {
    rotations.close();
    loop.close();
    workers.close();
    pleg.close();
    health.close();
  }
}
