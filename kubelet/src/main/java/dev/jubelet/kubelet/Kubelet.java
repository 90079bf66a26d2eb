package dev.jubelet.kubelet;

import dev.jubelet.cri.CriChannel;
import dev.jubelet.cri.MetricsClientInterceptor;
import dev.jubelet.kubelet.config.KubeletConfiguration;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.kubelet.cri.RuntimeClient;
import dev.jubelet.kubelet.event.Events;
import dev.jubelet.kubelet.explain.Changes;
import dev.jubelet.kubelet.explain.LocalService;
import dev.jubelet.kubelet.server.HealthzServer;
import dev.jubelet.kubelet.server.ReadOnlyServer;
import dev.jubelet.linux.StateVersion;
import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.LocalServer;
import io.grpc.ClientInterceptor;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The wiring of one node agent. Closing ends it in reverse order and leaves the containers
/// running.
public final class Kubelet implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Kubelet.class);
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Clock clock = Clock.systemUTC();
  private final Changes changes = new Changes();

  private Kubelet() {}

  /// Returns when it serves; the runtime may come later. The caller holds the lock of the root
  /// directory.
  ///
  /// @throws IOException when a port or a socket is taken, naming by whom
  public static Kubelet start(KubeletSettings settings, KubeletOptions options, Traces traces)
      throws IOException {
    Kubelet kubelet = new Kubelet();
    try {
      kubelet.open(settings, options, traces);
      return kubelet;
    } catch (IOException | RuntimeException e) {
      kubelet.close();
      throw e;
    }
  }

  private void open(KubeletSettings settings, KubeletOptions options, Traces traces)
      throws IOException {
    StateVersion.claim(settings.rootDir());
    var metrics = List.<ClientInterceptor>of(new MetricsClientInterceptor(options.metrics()));
    String endpoint = options.runtimeEndpoint();
    CriChannel channel = keep(
        options.embedded()
            ? CriChannel.inProcess(endpoint, traces, metrics)
            : CriChannel.open(endpoint, traces, metrics));
    CriChannel images = options.imageEndpoint().equals(endpoint)
        ? channel
        : keep(CriChannel.open(options.imageEndpoint(), traces, metrics));
    var client = new RuntimeClient(
        channel.channel(),
        images.channel(),
        settings.configuration().runtime().runtimeRequestTimeout());
    var events = new Events(clock);
    var rooms = keep(new PodRooms(settings, options, client, traces, events, changes, clock));
    Sources sources = keep(new Sources(settings, rooms.loop()::sourceChanged, clock));
    sources.start();
    serve(settings, options, rooms);
    if (options.localSocket().isPresent()) {
      keep(LocalServer.start(
          options.localSocket().get(),
          new LocalService(
              AgentInfo.of(settings, options),
              rooms.workers(),
              rooms.loop(),
              traces.store(),
              events,
              new RunPods(sources.run()),
              changes,
              rooms.health()::problem)));
    }
    Thread starting = Thread.ofVirtual().name("kubelet-start").start(rooms::begin);
    keep(starting::interrupt);
  }

  private void serve(KubeletSettings settings, KubeletOptions options, PodRooms rooms)
      throws IOException {
    KubeletConfiguration.Servers servers = settings.configuration().servers();
    var check = new HealthCheck(
        rooms.loop(),
        rooms.pleg(),
        rooms.health(),
        settings.configuration().pods().syncFrequency());
    if (servers.healthzPort() > 0) {
      keep(new HealthzServer(servers.healthzBindAddress(), servers.healthzPort(), check));
    }
    if (servers.readOnlyPort() > 0) {
      keep(new ReadOnlyServer(
          servers.address(),
          servers.readOnlyPort(),
          check,
          () -> PodObjects.of(rooms.workers().views()),
          options.metrics()));
    }
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
        log.warn("Failed to close a part of the agent", e);
      }
    }
  }
}
