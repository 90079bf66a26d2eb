package dev.jubelet.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jubelet.trace.local.v1.SpanRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WaterfallTest {
  private static final Instant NOW = Instant.ofEpochSecond(100);

  private final List<SpanRecord> start = List.of(
      span("r", "", "pod start", 0, 1000).toBuilder()
          .putAttributes(Traces.POD_NAME, "web")
          .putAttributes(Traces.POD_NAMESPACE, "default")
          .build(),
      span("s", "r", "createPodSandbox", 0, 600),
      span("d", "s", "POST /containers/create", 0, 400).toBuilder()
          .putAttributes(Traces.DETAIL, "pause")
          .build(),
      span("e", "s", "POST /containers/start", 300, 600),
      span("p", "r", "PullImage", 700, 950).toBuilder().setError("refused").build());

  @Test
  void leavesThatOverlapCountOnce() {
    assertThat(Waterfall.of(start, NOW).coverage()).isCloseTo(0.85, within(1e-9));
  }

  @Test
  void leavesOutsideTheRootDoNotCount() {
    List<SpanRecord> spans =
        List.of(span("r", "", "pod start", 100, 200), span("a", "r", "early", 0, 150));
    assertThat(Waterfall.of(spans, NOW).coverage()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void aRootAloneCoversNothing() {
    assertThat(Waterfall.of(List.of(span("r", "", "pod start", 0, 10)), NOW).coverage())
        .isZero();
  }

  @Test
  void longLeavesComeLongestFirst() {
    assertThat(Waterfall.of(start, NOW).leavesOver(Duration.ofMillis(260)))
        .extracting(SpanRecord::getSpanId)
        .containsExactly("d", "e");
  }

  @Test
  void theTextShowsTimesSharesAndBars() {
    String text = Waterfall.of(start, NOW).text(100, ZoneOffset.UTC);
    List<String> lines = text.lines().toList();
    assertThat(lines.getFirst())
        .startsWith("default/web  1970-01-01 00:00:00.000  1000ms, leaves cover 85.0 %");
    assertThat(lines).hasSize(7).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(100));
    assertThat(lines.get(4))
        .startsWith("    POST /containers/create pause")
        .contains("0.00ms")
        .contains("400ms")
        .contains("40.0%")
        .contains("█");
    assertThat(lines.get(6)).contains("FAILED: refused");
  }

  @Test
  void openSpansAreDrawnUntilNow() {
    List<SpanRecord> spans =
        List.of(span("r", "", "pod start", 99_000, 0), span("a", "r", "pull", 99_500, 0));
    Waterfall waterfall = Waterfall.of(spans, NOW);
    assertThat(waterfall.length()).isEqualTo(Duration.ofSeconds(1));
    assertThat(waterfall.text(80, ZoneOffset.UTC))
        .contains("so far")
        .contains("pull …")
        .contains("░");
  }

  @Test
  void theJsonHasTheSameFigures() {
    JsonNode json = JsonMapper.shared().readTree(Waterfall.of(start, NOW).json());
    assertThat(json.get("name").asString()).isEqualTo("web");
    assertThat(json.get("coverage").asDouble()).isEqualTo(0.85);
    assertThat(json.get("spans")).hasSize(5);
    assertThat(json.get("spans").get(4).get("start").asLong()).isEqualTo(700_000_000);
    assertThat(json.get("spans").get(4).get("error").asString()).isEqualTo("refused");
  }

  @Test
  void nothingRecordedIsSaid() {
    assertThat(Waterfall.of(List.of(), NOW).text(80, ZoneOffset.UTC))
        .isEqualTo("nothing is recorded\n");
  }

  /// Times in milliseconds.
  private static SpanRecord span(String id, String parent, String name, long start, long end) {
    return SpanRecord.newBuilder()
        .setSpanId(id)
        .setParentId(parent)
        .setName(name)
        .setKind("step")
        .setStart(start * 1_000_000)
        .setEnd(end * 1_000_000)
        .build();
  }
}
