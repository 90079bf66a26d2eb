package dev.jubelet.kubelet;

import dev.jubelet.kubelet.config.ConfigException;
import dev.jubelet.kubelet.config.KubeletFlags;
import dev.jubelet.kubelet.config.KubeletSettings;
import dev.jubelet.testkit.FakeCri;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.Traces;
import dev.jubelet.trace.local.LocalClient;
import dev.jubelet.trace.local.v1.ListPodsRequest;
import dev.jubelet.trace.local.v1.PodSummary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A whole agent over a fake runtime, with all its directories in a temporary one.
final class AgentFixture implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  final Path root;
  final Path manifests;
  final FakeCri cri;
  final Traces traces = new Recorder(50, 500);
  private final LocalClient client;
  private final String moreConfig;
  private PrometheusRegistry metrics = new PrometheusRegistry();
  private Kubelet kubelet;

  AgentFixture(Path root, FakeCri cri) throws Exception {
    this(root, cri, "");
  }

  /// @param moreConfig further lines of the configuration file
  AgentFixture(Path root, FakeCri cri, String moreConfig) throws Exception {
    this.root = root;
    this.moreConfig = moreConfig;
    this.manifests = Files.createDirectories(root.resolve("manifests"));
    this.cri = cri;
    // Whoever starts one has locked it before.
    Files.createDirectories(root.resolve("kubelet"));
    this.kubelet = start();
    this.client = LocalClient.open(root.resolve("local.sock"));
  }

  private Kubelet start() throws IOException, ConfigException {
    Path config = root.resolve("config.yaml");
    Files.writeString(
        config, """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        staticPodPath: %s
        podLogsDir: %s
        healthzPort: 0
        %s
        """.formatted(manifests, root.resolve("log/pods"), moreConfig.strip()));
    KubeletSettings settings = KubeletFlags.parse(new String[] {
      "--config=" + config,
      "--root-dir=" + root.resolve("kubelet"),
      "--hostname-override=node1",
      "--container-runtime-endpoint=unix://" + cri.socket()
    });
    String endpoint = "unix://" + cri.socket();
    metrics = new PrometheusRegistry();
    return Kubelet.start(
        settings,
        new KubeletOptions(
            endpoint,
            endpoint,
            false,
            Optional.of(root.resolve("local.sock")),
            false,
            Optional.empty(),
            "test",
            metrics),
        traces);
  }

  /// Ends the agent and starts it again over the same runtime and directories.
  void restart() throws Exception {
    kubelet.close();
    kubelet = start();
  }

  void stop() {
    kubelet.close();
  }

  void manifest(String name, String spec) throws IOException {
    Path temporary = root.resolve(name + ".tmp");
    Files.writeString(temporary, """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
        spec:
        %s
        """.formatted(name, spec.indent(2)));
    Files.move(temporary, manifests.resolve(name + ".yaml"));
  }

  void removeManifest(String name) throws IOException {
    Files.delete(manifests.resolve(name + ".yaml"));
  }

  List<PodSummary> pods() {
    return client.within(ANSWER).listPods(ListPodsRequest.getDefaultInstance()).getPodsList();
  }

  Optional<PodSummary> pod(String name) {
    return pods().stream().filter(p -> p.getName().startsWith(name)).findFirst();
  }

  String phase(String name) {
    return pod(name).map(PodSummary::getPhase).orElse("");
  }

  /// Of the agent that runs now.
  PrometheusRegistry metrics() {
    return metrics;
  }

  LocalClient client() {
    return client;
  }

  @Override
  public void close() throws IOException {
    client.close();
    kubelet.close();
    cri.close();
    traces.close();
  }
}
