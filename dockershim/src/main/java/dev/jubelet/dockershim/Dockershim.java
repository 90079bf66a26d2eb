package dev.jubelet.dockershim;

import dev.jubelet.cri.CriServer;
import dev.jubelet.cri.MetricsServerInterceptor;
import dev.jubelet.cri.TracingServerInterceptor;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.EngineInfo;
import dev.jubelet.dockershim.docker.DockerApiOptions;
import dev.jubelet.dockershim.docker.DockerEndpoint;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.docker.EngineProbe;
import dev.jubelet.dockershim.docker.HttpDockerApi;
import dev.jubelet.dockershim.docker.MeasuredDockerApi;
import dev.jubelet.dockershim.engine.EngineUpkeep;
import dev.jubelet.dockershim.engine.RivalShims;
import dev.jubelet.dockershim.engine.WatchedEngine;
import dev.jubelet.dockershim.grpc.ImageServiceHandler;
import dev.jubelet.dockershim.grpc.RuntimeServiceHandler;
import dev.jubelet.dockershim.log.LogLinks;
import dev.jubelet.dockershim.naming.Ownership;
import dev.jubelet.dockershim.pods.OwnerId;
import dev.jubelet.dockershim.state.EventFedState;
import dev.jubelet.dockershim.state.OomKills;
import dev.jubelet.linux.AtomicFile;
import dev.jubelet.linux.RootLock;
import dev.jubelet.linux.StateVersion;
import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.LocalServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The CRI runtime for Docker Engine, served on a unix socket. Starts with or without an engine.
public final class Dockershim implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dockershim.class);
  private static final int SOCKET_MODE = 0660;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Path socket;

  private Dockershim(Path socket) {
    this.socket = socket;
  }

  /// @throws IOException when it cannot serve: the root directory is in use, the socket is, the
  /// engine is not one of this machine; the message says which and what to do
  public static Dockershim start(DockershimConfig config, Traces traces) throws IOException {
    return start(config, traces, PrometheusRegistry.defaultRegistry);
  }

  /// As [#start(DockershimConfig, Traces)], with metrics in `registry`.
  public static Dockershim start(
      DockershimConfig config, Traces traces, PrometheusRegistry registry) throws IOException {
    Dockershim shim = new Dockershim(config.socket());
    try {
      shim.open(config, traces, registry);
      return shim;
    } catch (IOException | RuntimeException e) {
      shim.close();
      throw e;
    }
  }

  /// Before going back to dockershim or cri-dockerd: [LogLinks]. Returns a line for each running
  /// container of this root directory, whose shim must have ended.
  public static List<String> restoreLogLinks(DockershimConfig config) throws IOException {
    Path root = config.rootDirectory();
    try (RootLock _ = RootLock.acquire(root);
        DockerApi docker = new HttpDockerApi(
            endpoint(config).socket(), DockerApiOptions.timeout(config.requestTimeout()))) {
      Ownership own = new Ownership(OwnerId.of(root), config.adopt());
      return new LogLinks(docker, c -> own.made(c.name(), c.labels()), root.resolve("logs"))
          .restore();
    } catch (DockerException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void open(DockershimConfig config, Traces traces, PrometheusRegistry registry)
      throws IOException {
    Path root = config.rootDirectory();
    Files.createDirectories(
        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    keep(RootLock.acquire(root));
    StateVersion.claim(root);
    AtomicFile.sweep(root);
    if (config.adopt()) {
      RivalShims.refuse(config.socket());
    }
    DockerEndpoint endpoint = endpoint(config);
    DockerApiOptions options = DockerApiOptions.timeout(config.requestTimeout());
    DockerApi docker = keep(
        new MeasuredDockerApi(new HttpDockerApi(endpoint.socket(), options), traces, registry));
    EngineProbe probe = new EngineProbe(endpoint, docker);
    EventFedState state = keep(new EventFedState(docker));
    keep(OomKills.follow(state));
    String owner = OwnerId.of(root);
    ShimParts shim = new ShimParts(
        config,
        traces,
        registry,
        docker,
        probing(probe),
        state,
        owner,
        new CheckpointStore(root.resolve("sandbox")));
    keep(shim);
    WatchedEngine engine = shim.engine();
    shim.askEngineOnce();
    log.info("Setting cgroupDriver to {}", engine.lastKnown().cgroupDriver());
    keep(new EngineUpkeep(state, engine, probe::engineStart, shim::takeUp)).start();
    config.localSocket().ifPresent(local -> serveLocal(local, shim));
    log.info("Starting the GRPC server for the docker CRI shim.");
    Files.createDirectories(config.socket().toAbsolutePath().getParent());
    keep(CriServer.start(
        config.socket(),
        SOCKET_MODE,
        new RuntimeServiceHandler(shim.runtimeVerbs(), shim.pods()),
        new ImageServiceHandler(shim.imageVerbs()),
        List.of(new MetricsServerInterceptor(registry), new TracingServerInterceptor(traces))));
    log.info("Start dockershim grpc server");
  }

  private static ShimParts.Probe probing(EngineProbe probe) {
    return new ShimParts.Probe() {
      @Override
      public Optional<String> refusal(EngineInfo info) {
        return probe.refusal(info);
      }

      @Override
      public Optional<String> oomNote(String image) throws DockerException {
        return probe.oomNote(image);
      }
    };
  }

  private static DockerEndpoint endpoint(DockershimConfig config) throws IOException {
    try {
      return DockerEndpoint.resolve(
          config.dockerEndpoint(), System.getenv(), Path.of(System.getProperty("user.home", "/")));
    } catch (DockerEndpoint.RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// What only explains is no reason not to serve.
  private void serveLocal(Path local, ShimParts shim) {
    try {
      keep(LocalServer.start(local, shim.localService()));
    } catch (IOException e) {
      log.warn("ps, trace and why are not answered on {}: {}", local, e.getMessage());
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  /// Where the CRI is served.
  public Path socket() {
    return socket;
  }

  /// Ends the service; containers run on.
  @Override
  public void close() {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        log.warn("closing {}: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
    parts.clear();
  }
}
