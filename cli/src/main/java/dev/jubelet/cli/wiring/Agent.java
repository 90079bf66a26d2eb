package dev.jubelet.cli.wiring;

import dev.jubelet.cli.Version;
import dev.jubelet.dockershim.Dockershim;
import dev.jubelet.dockershim.DockershimConfig;
import dev.jubelet.kubelet.Kubelet;
import dev.jubelet.kubelet.KubeletOptions;
import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.linux.RootLock;
import dev.jubelet.trace.Recorder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process's agent: the recorder, the embedded dockershim unless another runtime was named, and
/// the kubelet, which talks to either over its unix socket. Closing ends them in reverse order and
/// leaves the containers.
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /// Beyond a node's 110 pods, so that those that are gone stay readable for a while.
  private static final int PODS = 250;

  private static final int SPANS_PER_POD = 500;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Path local;

  /// How the local protocol is served.
  ///
  /// @param logFile where the process logs; empty for its stderr
  /// @param ephemeral started by `run`
  public record Local(Path socket, Optional<Path> logFile, boolean ephemeral) {}

  private Agent(Path local) {
    this.local = local;
  }

  /// @param shimSocket where an embedded shim listens unless a flag says otherwise
  /// @throws IOException when it cannot serve; what was started is closed again
  public static Agent start(KubeletSettings settings, Path shimSocket, Local local)
      throws IOException {
    return start(() -> {}, settings, shimSocket, local);
  }

  /// As above; closes `lock` last.
  static Agent start(AutoCloseable lock, KubeletSettings settings, Path shimSocket, Local local)
      throws IOException {
    Agent agent = new Agent(local.socket());
    agent.parts.push(lock);
    try {
      agent.open(settings, shimSocket, local);
      return agent;
    } catch (IOException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void open(KubeletSettings settings, Path shimSocket, Local local) throws IOException {
    LOG.info("jubelet {} as node {}", Version.text(), settings.nodeName());
    settings.warnings().forEach(LOG::warn);
    // First of all: a second agent must not even replace the first one's shim.
    keep(RootLock.acquire(settings.rootDir()));
    PrometheusRegistry metrics = new PrometheusRegistry();
    Recorder recorder = keep(new Recorder(PODS, SPANS_PER_POD));
    keep(new HeapReturn(recorder.store()));
    KubeletConfiguration.CriRuntime runtime = settings.configuration().runtime();
    String endpoint = runtime.containerRuntimeEndpoint();
    String images = runtime.imageServiceEndpoint();
    if (settings.dockershim().embedded()) {
      DockershimConfig config = EmbeddedShim.config(settings, shimSocket);
      Dockershim shim = keep(Dockershim.start(config, recorder, metrics));
      endpoint = "unix://" + shim.socket();
      images = endpoint;
    }
    keep(Kubelet.start(
        settings,
        new KubeletOptions(
            endpoint,
            images.isEmpty() ? endpoint : images,
            settings.dockershim().embedded(),
            Optional.of(local.socket()),
            local.ephemeral(),
            local.logFile(),
            Version.text(),
            metrics),
        recorder));
  }

  /// Where the local protocol is served.
  public Path local() {
    return local;
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("Failed to close a part of the agent", e);
      }
    }
  }
}
