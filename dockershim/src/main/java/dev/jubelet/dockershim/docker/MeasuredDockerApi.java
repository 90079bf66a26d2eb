package dev.jubelet.dockershim.docker;

import dev.jubelet.trace.Traces;
import io.opentelemetry.api.trace.Span;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Measures every Docker call: a span where the caller has one, upstream's metrics, and what is
/// outstanding. A 404 is an answer and counts as no error.
public final class MeasuredDockerApi implements DockerApi {
  private final DockerApi api;
  private final Traces traces;
  private final DockerOperationMetrics metrics;
  private final Map<Object, Outstanding> outstanding = new ConcurrentHashMap<>();

  public MeasuredDockerApi(DockerApi api, Traces traces, PrometheusRegistry registry) {
    this.api = api;
    this.traces = traces;
    this.metrics = new DockerOperationMetrics(registry);
  }

  @Override
  public Optional<Outstanding> oldest() {
    return outstanding.values().stream().min(Comparator.comparing(Outstanding::since));
  }

  @Override
  public EngineVersion version() throws DockerException {
    return measure("version", "", api::version);
  }

  @Override
  public EngineInfo info() throws DockerException {
    return measure("info", "", api::info);
  }

  @Override
  public String createContainer(String name, CreateContainer request) throws DockerException {
    return measure("create_container", name, () -> api.createContainer(name, request));
  }

  @Override
  public void startContainer(String id) throws DockerException {
    run("start_container", id, () -> api.startContainer(id));
  }

  @Override
  public void stopContainer(String id, Duration grace) throws DockerException {
    run("stop_container", id, () -> api.stopContainer(id, grace));
  }

  @Override
  public void killContainer(String id, String signal) throws DockerException {
    run("kill_container", id, () -> api.killContainer(id, signal));
  }

  @Override
  public void removeContainer(String id, boolean force) throws DockerException {
    run("remove_container", id, () -> api.removeContainer(id, force));
  }

  @Override
  public void updateContainer(String id, Resources resources) throws DockerException {
    run("update_container", id, () -> api.updateContainer(id, resources));
  }

  @Override
  public ContainerInspect inspectContainer(String id) throws DockerException {
    return measure("inspect_container", id, () -> api.inspectContainer(id));
  }

  @Override
  public List<ContainerSummary> listContainers(List<String> labels) throws DockerException {
    return measure("list_containers", "", () -> api.listContainers(labels));
  }

  @Override
  public String createExec(String containerId, List<String> command, boolean stdin, boolean tty)
      throws DockerException {
    return measure(
        "create_exec", containerId, () -> api.createExec(containerId, command, stdin, tty));
  }

  @Override
  public ExecStreams startExec(String execId, boolean tty) throws DockerException {
    return measure("start_exec", execId, () -> api.startExec(execId, tty));
  }

  @Override
  public ExecInspect inspectExec(String execId) throws DockerException {
    return measure("inspect_exec", execId, () -> api.inspectExec(execId));
  }

  @Override
  public List<ImageSummary> listImages(Optional<String> reference, boolean sharedSize)
      throws DockerException {
    return measure(
        "list_images", reference.orElse(""), () -> api.listImages(reference, sharedSize));
  }

  @Override
  public Optional<ImageInspect> inspectImage(String reference) throws DockerException {
    return measure("inspect_image", reference, () -> api.inspectImage(reference));
  }

  @Override
  public void pullImage(
      String reference, Optional<RegistryAuth> auth, Duration idle, Consumer<PullProgress> progress)
      throws DockerException, InterruptedException {
    Call<Boolean, Exception> pull = () -> {
      api.pullImage(reference, auth, idle, progress);
      return true;
    };
    try {
      inSpan("pull_image", reference, () -> timed("pull_image", pull));
    } catch (DockerException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void removeImage(String reference, boolean force) throws DockerException {
    run("remove_image", reference, () -> api.removeImage(reference, force));
  }

  @Override
  public void loadImage(InputStream tar) throws DockerException {
    run("load_image", "", () -> api.loadImage(tar));
  }

  @Override
  public void tagImage(String image, String repository, String tag) throws DockerException {
    run("tag_image", image, () -> api.tagImage(image, repository, tag));
  }

  /// Streams are not timed: they end when somebody hangs up.
  @Override
  public void events(Instant since, Runnable connected, Consumer<EngineEvent> sink)
      throws DockerException, InterruptedException {
    metrics.total.labelValues("events").inc();
    api.events(since, connected, sink);
  }

  @Override
  public void logs(String id, Instant since, boolean follow, LogSink sink)
      throws DockerException, InterruptedException {
    metrics.total.labelValues("logs").inc();
    api.logs(id, since, follow, sink);
  }

  @Override
  public void close() {
    api.close();
  }

  private void run(String operation, String subject, Action action) throws DockerException {
    measure(operation, subject, () -> {
      action.run();
      return true;
    });
  }

  private <T> T measure(String operation, String subject, Call<T, DockerException> call)
      throws DockerException {
    Object mine = new Object();
    outstanding.put(mine, new Outstanding(operation, subject, Instant.now()));
    try {
      return inSpan(operation, subject, () -> timed(operation, call));
    } finally {
      outstanding.remove(mine);
    }
  }

  /// Without a span of the caller's there is no tree to hang one in.
  private <T, X extends Exception> T inSpan(String operation, String subject, Call<T, X> call)
      throws X {
    if (!Span.current().getSpanContext().isValid()) {
      return call.call();
    }
    return traces.in("docker", "docker " + operation, () -> {
      Span.current().setAttribute(Traces.DETAIL, subject);
      return call.call();
    });
  }

  private <T, X extends Exception> T timed(String operation, Call<T, X> call) throws X {
    metrics.total.labelValues(operation).inc();
    long begin = System.nanoTime();
    try {
      return call.call();
    } catch (Exception e) {
      count(operation, e);
      throw e;
    } finally {
      metrics.seconds.labelValues(operation).observe((System.nanoTime() - begin) / 1e9);
    }
  }

  private void count(String operation, Exception e) {
    if (e instanceof DockerException failure && failure.isTimeout()) {
      metrics.timeouts.labelValues(operation).inc();
    }
    if (!(e instanceof DockerException failure) || !failure.isNotFound()) {
      metrics.errors.labelValues(operation).inc();
    }
  }

  private interface Call<T, X extends Exception> {
    T call() throws X;
  }

  private interface Action {
    void run() throws DockerException;
  }
}
