package dev.jubelet.cri.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.log.CriLogLine.Stream;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CriLogLineTest {
  private static final Instant TIME = Instant.parse("2026-11-01T10:20:30.123456789Z");

  @Test
  void writesWhatKubectlReads() {
    CriLogLine line = new CriLogLine(TIME, Stream.STDERR, true, bytes("a b\u00ff"));
    assertThat(new String(line.encode(), ISO_8859_1))
        .isEqualTo("2026-11-01T10:20:30.123456789Z stderr P a b\u00ff\n");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-01T10:20:30.100Z,2026-11-01T10:20:30.1Z",
    "2026-11-01T10:20:30Z,2026-11-01T10:20:30Z",
    "2026-11-01T10:20:30.000000001Z,2026-11-01T10:20:30.000000001Z"
  })
  void timestampsAreGos(Instant time, String written) {
    assertThat(CriLogLine.timestamp(time)).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " leading", "trailing ", "with \u0000 and \u00e9", "x"})
  void readsWhatItWrote(String text) {
    CriLogLine line = new CriLogLine(TIME, Stream.STDOUT, false, bytes(text));
    CriLogLine read = CriLogLine.decode(line.encode()).orElseThrow();
    assertThat(read.time()).isEqualTo(TIME);
    assertThat(read.stream()).isEqualTo(Stream.STDOUT);
    assertThat(read.partial()).isFalse();
    assertThat(read.text()).isEqualTo(bytes(text));
  }

  @Test
  void readsOtherWritersLines() {
    CriLogLine read =
        CriLogLine.decode(bytes("2026-11-01T12:20:30.5+02:00 stdout P:x text")).orElseThrow();
    assertThat(read.time()).isEqualTo(Instant.parse("2026-11-01T10:20:30.5Z"));
    assertThat(read.partial()).isTrue();
    assertThat(new String(read.text(), ISO_8859_1)).isEqualTo("text");
    assertThat(CriLogLine.decode(bytes("2026-11-01T12:20:30Z stdout F"))
            .orElseThrow()
            .text())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        " ",
        "x",
        "2026-11-01T10:20:30Z",
        "2026-11-01T10:20:30Z stdout",
        "2026-11-01T10:20:30Z stdin F x",
        "2026-11-01T10:20:30Z stdout Q x",
        "yesterday stdout F x",
        "{\"log\":\"x\\n\",\"stream\":\"stdout\"}"
      })
  void anythingElseIsRefused(String line) {
    assertThat(CriLogLine.decode(bytes(line))).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
