package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordTest {
  private static final String TAIL = ",\"stream\":\"stdout\",\"time\":\"2026-11-01T10:00:00.5Z\"}";

  private static Optional<JsonRecord> parse(String record) {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    return JsonRecord.parse(bytes, 0, bytes.length);
  }

  private static String cri(String record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parse(record).orElseThrow().appendTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aWholeLine() {
    assertThat(cri("{\"log\":\"hello\\n\"" + TAIL))
        .isEqualTo("2026-11-01T10:00:00.5Z stdout F hello\n");
  }

  @Test
  void withoutANewlineItIsPartial() {
    assertThat(cri("{\"log\":\"hel\"" + TAIL)).isEqualTo("2026-11-01T10:00:00.5Z stdout P hel\n");
  }

  @Test
  void anEmptyLine() {
    assertThat(cri("{\"log\":\"\\n\"" + TAIL)).isEqualTo("2026-11-01T10:00:00.5Z stdout F \n");
  }

  @Test
  void newlinesInsideMakeSeveralLines() {
    assertThat(cri("{\"log\":\"a\\nb\\nc\"" + TAIL)).isEqualTo("""
            2026-11-01T10:00:00.5Z stdout F a
            2026-11-01T10:00:00.5Z stdout F b
            2026-11-01T10:00:00.5Z stdout P c
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a\\tb\\\"\\\\\\/ | a\tb\"\\/",
        "\\u003c\\u0026\\u003e | <&>",
        "gr\\u00fcn grün | grün grün",
        "\\ud83d\\ude00 😀 | 😀 😀",
        // Docker's own replacement of bytes that are not UTF-8, also of a character cut at its
        // 16 KiB chunk: what the container wrote is lost before we see it
        "cut \\ufffd\\ufffd | cut \ufffd\ufffd"
      })
  void escapes(String json, String text) {
    JsonRecord record = parse("{\"log\":\"" + json + "\"" + TAIL).orElseThrow();
    assertThat(new String(record.text(), StandardCharsets.UTF_8)).isEqualTo(text);
  }

  @Test
  void attributesAreReadOver() {
    assertThat(cri(
            "{\"log\":\"x\\n\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"a}\\\"\",\"b\":\"c\"},"
                + "\"time\":\"2026-11-01T10:00:00Z\"}"))
        .isEqualTo("2026-11-01T10:00:00Z stderr F x\n");
    assertThat(parse("{\"attrs\":{},\"log\":\"x\"" + TAIL)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"log\":\"x",
        "{\"log\":\"x\\",
        "{\"log\":\"x\\u00",
        "{\"log\":\"x\\q\",\"stream\":\"stdout\",\"time\":\"2026-11-01T10:00:00Z\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\"}",
        "{\"log\":\"x\",\"stream\":\"stdin\",\"time\":\"2026-11-01T10:00:00Z\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2026\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2026-11-01T10:00:00Z\"} more",
        "{\"log\":5,\"stream\":\"stdout\",\"time\":\"2026-11-01T10:00:00Z\"}",
        "\0\0\0\0"
      })
  void whatIsTornIsNone(String record) {
    assertThat(parse(record)).isEmpty();
  }
}
