package dev.jubelet.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.kubelet.server.ReadOnlyServer;
import dev.jubelet.testkit.FakeCri;
import io.grpc.Status;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Upstream's series, in the text that a scraper gets.
final class MetricsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final List<String> FIRST_EVENT = List.of(
      "kubelet_admission_rejections_total",
      "kubelet_image_pull_duration_seconds",
      "kubelet_started_containers_errors_total",
      "kubelet_started_containers_total");
  private static final String POD = """
      terminationGracePeriodSeconds: 2
      initContainers:
      - {name: init, image: 'busybox:1'}
      containers:
      - {name: web, image: 'busybox:1'}
      - {name: db, image: 'busybox:1'}
      """;

  @TempDir
  Path temp;

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(condition);
  }

  private AgentFixture agent() throws Exception {
    FakeCri cri = FakeCri.start(temp.resolve("cri.sock"));
    cri.addImage("busybox:1");
    return new AgentFixture(temp, cri);
  }

  private static String scrape(ReadOnlyServer server) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ReadOnlyServer port(AgentFixture agent) throws IOException {
    return new ReadOnlyServer("127.0.0.1", 0, List::of, List::of, agent.metrics());
  }

  @Test
  void aPodsLifeIsCountedAsUpstreamDoes() throws Exception {
    try (AgentFixture agent = agent();
        ReadOnlyServer server = port(agent)) {
      agent.cri.failNext("RunPodSandbox", Status.UNKNOWN.withDescription("no subnet"));
      agent.manifest("bad", POD);
      until(() -> scrape(server).contains("kubelet_started_pods_errors_total 1.0"));
      agent.removeManifest("bad");
      until(() -> agent.pods().isEmpty());
      agent.manifest("one", POD);
      until(() -> agent.cri.running().equals(List.of("one-node1/init")));
      agent.cri.exit("init", 0);
      until(() -> agent.phase("one").equals("Running"));
      until(() -> scrape(server).contains("kubelet_pod_start_sli_duration_seconds_count 1"));

      assertThat(scrape(server).lines())
          .contains(
              "# TYPE kubelet_pleg_relist_duration_seconds histogram",
              "# HELP kubelet_running_pods Number of pods that have a running pod sandbox",
              "kubelet_pleg_discard_events 0.0",
              "kubelet_running_pods 1.0",
              "kubelet_running_containers{container_state=\"created\"} 0.0",
              "kubelet_running_containers{container_state=\"exited\"} 1.0",
              "kubelet_running_containers{container_state=\"running\"} 2.0",
              "kubelet_running_containers{container_state=\"unknown\"} 0.0",
              "kubelet_desired_pods{static=\"\"} 0.0",
              "kubelet_desired_pods{static=\"true\"} 1.0",
              "kubelet_active_pods{static=\"true\"} 1.0",
              "kubelet_working_pods{config=\"desired\",lifecycle=\"sync\",static=\"true\"} 1.0",
              "kubelet_working_pods{config=\"runtime_only\",lifecycle=\"sync\",static=\"unknown\"}"
                  + " 0.0",
              "kubelet_started_pods_total 2.0",
              "kubelet_started_containers_total{container_type=\"container\"} 2.0",
              "kubelet_started_containers_total{container_type=\"init_container\"} 1.0",
              "kubelet_run_podsandbox_duration_seconds_count{runtime_handler=\"\"} 2",
              "kubelet_run_podsandbox_errors_total{runtime_handler=\"\"} 1.0",
              "kubelet_pod_start_duration_seconds_bucket{le=\"3600.0\"} 1",
              "kubelet_pod_start_total_duration_seconds_count 1",
              "kubelet_pod_worker_start_duration_seconds_count 2",
              "kubelet_pod_worker_duration_seconds_count{operation_type=\"create\"} 2",
              "kubelet_containers_per_pod_count_bucket{le=\"1.0\"} 0",
              "kubelet_containers_per_pod_count_bucket{le=\"2.0\"} 2",
              "kubelet_node_name{node=\"node1\"} 1.0",
              "kubelet_http_inflight_requests{long_running=\"false\",method=\"GET\","
                  + "path=\"metrics\",server_type=\"readonly\"} 1.0");
      assertThat(value(scrape(server), "kubelet_pleg_last_seen_seconds")).isGreaterThan(1.7e9);
      assertThat(value(scrape(server), "kubelet_cgroup_version")).isIn(1.0, 2.0);
      assertThat(value(scrape(server), "kubelet_pleg_relist_duration_seconds_count"))
          .isGreaterThanOrEqualTo(1);

      agent.removeManifest("one");
      until(() -> agent.cri.objects() == 0 && agent.pods().isEmpty());
      assertThat(scrape(server).lines())
          .contains(
              "kubelet_running_pods 0.0",
              "kubelet_desired_pods{static=\"true\"} 0.0",
              "kubelet_pod_worker_duration_seconds_count{operation_type=\"terminated\"} 2");
    }
  }

  @Test
  void anAdoptedPodIsNoStartAndAnOrphanCounts() throws Exception {
    try (AgentFixture agent = agent()) {
      String spec = "containers: [{name: web, image: 'busybox:1'}]";
      agent.manifest("one", spec);
      agent.manifest("two", spec);
      until(() -> agent.cri.running().size() == 2);
      agent.stop();
      agent.removeManifest("two");
      agent.restart();
      until(() -> agent.cri.running().size() == 1);
      until(() -> agent.phase("one").equals("Running"));
      try (ReadOnlyServer server = port(agent)) {
        assertThat(scrape(server).lines())
            .contains(
                "kubelet_orphaned_runtime_pods_total 1.0",
                "kubelet_pod_start_duration_seconds_count 0",
                "kubelet_pod_start_sli_duration_seconds_count 0");
      }
    }
  }

  @Test
  void aRejectionAndARestartOfOneUidCount() throws Exception {
    try (AgentFixture agent = agent();
        ReadOnlyServer server = port(agent)) {
      String ports = """
          containers: [{name: web, image: 'busybox:1', ports: [{containerPort: 1, hostPort: 1}]}]
          """;
      agent.manifest("one", ports);
      until(() -> agent.phase("one").equals("Running"));
      agent.manifest("two", ports);
      until(() ->
          scrape(server).contains("kubelet_admission_rejections_total{reason=\"NodePorts\"} 1.0"));
      agent.cri.stopTakes("web", 300);
      Path kept = temp.resolve("kept.yaml");
      Files.move(agent.manifests.resolve("one.yaml"), kept);
      until(() -> !agent.cri.stopped().isEmpty());
      Files.move(kept, agent.manifests.resolve("one.yaml"));
      until(() -> scrape(server).contains("kubelet_restarted_pods_total{static=\"true\"} 1.0"));
    }
  }

  @Test
  void theDocumentedNamesAreThoseOfTheText() throws Exception {
    try (AgentFixture agent = agent();
        ReadOnlyServer server = port(agent)) {
      agent.cri.failNext("RunPodSandbox", Status.UNKNOWN.withDescription("no subnet"));
      agent.manifest("one", POD);
      until(() -> scrape(server).contains("kubelet_started_pods_errors_total 1.0"));
      // Told when the sync is over, a moment later.
      until(() -> scrape(server).contains("kubelet_pod_worker_duration_seconds"));
      List<String> told = Pattern.compile("# TYPE (\\S+) ")
          .matcher(scrape(server))
          .results()
          .map(m -> m.group(1))
          .sorted()
          .toList();
      String page = Files.readString(PAGE).split("\n## Of the dockershim")[0];
      List<String> documented = Pattern.compile("\n\\| `(kubelet_[a-z_]+)")
          .matcher(page)
          .results()
          .map(MatchResult::group)
          .map(row -> row.substring(row.indexOf('`') + 1))
          .sorted()
          .toList();
      assertThat(documented).containsAll(told);
      assertThat(documented.stream().filter(name -> !told.contains(name)))
          .as("documented, and not there before their first event")
          .isSubsetOf(FIRST_EVENT);
    }
  }

  private static double value(String text, String name) {
    return Arrays.stream(text.split("\r?\n"))
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}
