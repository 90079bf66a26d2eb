package dev.jubelet.dockershim.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jubelet.testkit.FakeDocker;
import dev.jubelet.testkit.Fault;
import dev.jubelet.trace.Recorder;
import dev.jubelet.trace.local.v1.SpanRecord;
import io.opentelemetry.api.trace.Span;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredDockerApiTest {
  @TempDir
  Path directory;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Recorder traces = new Recorder(4, 100);
  private FakeDocker fake;
  private MeasuredDockerApi docker;

  @BeforeEach
  void start() {
    fake = FakeDocker.start(directory.resolve("docker.sock"));
    docker = new MeasuredDockerApi(
        new HttpDockerApi(fake.socket(), new DockerApiOptions(Duration.ofSeconds(1), 1 << 20, 4)),
        traces,
        registry);
  }

  @AfterEach
  void stop() {
    docker.close();
    fake.close();
    traces.close();
  }

  private String exposed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.builder().build().write(out, registry.scrape());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void countsWithUpstreamsNames() throws Exception {
    docker.version();
    fake.fault("GET /info", 1, new Fault.Hang(0));
    assertThat(catchThrowableOfType(DockerException.class, docker::info).isTimeout())
        .isTrue();
    fake.heal();
    assertThat(catchThrowableOfType(DockerException.class, () -> docker.inspectContainer("a"))
            .isNotFound())
        .isTrue();
    assertThat(exposed())
        .contains("kubelet_docker_operations_total{operation_type=\"version\"} 1.0")
        .contains("kubelet_docker_operations_total{operation_type=\"info\"} 1.0")
        .contains("kubelet_docker_operations_errors_total{operation_type=\"info\"} 1.0")
        .contains("kubelet_docker_operations_timeout_total{operation_type=\"info\"} 1.0")
        .contains("kubelet_docker_operations_duration_seconds_bucket{operation_type=\"version\","
            + "le=\"0.005\"}")
        .contains("kubelet_docker_operations_duration_seconds_count{operation_type=\"version\"} 1")
        .doesNotContain("errors_total{operation_type=\"inspect_container\"}");
  }

  @Test
  void aCallIsASpanOfItsPod() throws Exception {
    docker.version();
    Span root = traces.podStart("uid", "ns", "pod", Instant.now());
    try (var scope = root.makeCurrent()) {
      assertThat(scope).isNotNull();
      docker.version();
    }
    root.end();
    assertThat(traces.store().spansOf("uid"))
        .extracting(SpanRecord::getName)
        .filteredOn(name -> name.startsWith("docker "))
        .containsExactly("docker version");
  }

  @Test
  void theOldestOutstandingCallIsKnown() throws Exception {
    assertThat(docker.oldest()).isEmpty();
    fake.fault("GET /info", new Fault.Hang(0));
    AtomicReference<DockerException> end = new AtomicReference<>();
    Thread asking = Thread.ofVirtual()
        .start(() -> end.set(catchThrowableOfType(DockerException.class, docker::info)));
    Awaitility.await()
        .pollDelay(java.time.Duration.ZERO)
        .pollInterval(java.time.Duration.ofMillis(5))
        .until(() -> docker.oldest().isPresent());
    assertThat(docker.oldest().orElseThrow().operation()).isEqualTo("info");
    asking.join();
    assertThat(end.get().isTimeout()).isTrue();
    assertThat(docker.oldest()).isEmpty();
  }
}
