package dev.jubelet.dockershim.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.log.CriLogLine;
import dev.jubelet.testkit.Fuzz;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Docker's json-file of any bytes gives a CRI log that every reader takes; log checkpoints of any
/// bytes are read or set aside.
class RecordFuzzTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String TIME = "2026-11-01T12:00:00.123456789Z";
  private static final String[] WORDS = {
    "{\"log\":\"",
    "\\n\"",
    ",\"stream\":\"stdout\"",
    ",\"time\":\"" + TIME + "\"}\n",
    "\\u00",
    "\\ud83d",
    "\\udc00",
    "\"attrs\":{\"a\":\"b\"}",
    "\0\0\0\0"
  };

  @TempDir
  Path directory;

  private final LogMetrics metrics = new LogMetrics(new PrometheusRegistry());

  @Test
  void anyFileGivesLinesOfTheFormat() throws Exception {
    Fuzz.of("records").tokens(WORDS).inputs(3000).run(bytes -> {
      Conversion conversion = new Conversion(metrics);
      int taken = conversion.records(bytes, bytes.length);
      assertThat(taken).isBetween(0, bytes.length);
      byte[] out = conversion.take();
      for (int from = 0; from < out.length; ) {
        int to = from;
        while (out[to] != '\n') {
          to++;
        }
        byte[] line = java.util.Arrays.copyOfRange(out, from, to);
        assertThat(CriLogLine.decode(line))
            .as(new String(line, StandardCharsets.ISO_8859_1))
            .isPresent();
        from = to + 1;
      }
    });
  }

  @Test
  void anyLineIsARecordOrNone() throws Exception {
    Fuzz.of("records").tokens(WORDS).inputs(3000).run(bytes -> {
      JsonRecord.parse(bytes, 0, bytes.length);
      CriLogLine.decode(bytes);
    });
  }

  @Test
  void whatAContainerWritesComesOutAsItWas() {
    Random random = new Random(1);
    String[] pieces = {
      "a", " ", "\"", "\\", "\t", "\u0001", "<&>", "\u2028", "\u00e9", "\uD83D\uDE00", "{", "\r"
    };
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(8); k > 0; k--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      assertThat(through(text + "\n")).isEqualTo(TIME + " stdout F " + text + "\n");
      assertThat(through(text.toString())).isEqualTo(TIME + " stdout P " + text + "\n");
    }
  }

  private static String through(String text) {
    byte[] record = JSON.writeValueAsBytes(
        JSON.createObjectNode().put("log", text).put("stream", "stdout").put("time", TIME));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonRecord.parse(record, 0, record.length).orElseThrow().appendTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void depthInARecordIsNothing() {
    for (String open : new String[] {"[", "{\"a\":", "{\"log\":"}) {
      byte[] deep = open.repeat(100_000).getBytes(StandardCharsets.US_ASCII);
      assertThat(JsonRecord.parse(deep, 0, deep.length)).isEmpty();
    }
  }

  @Test
  void anyLogCheckpointIsReadOrSetAside() throws Exception {
    LogCheckpoints checkpoints = new LogCheckpoints(directory.resolve("c"));
    checkpoints.save(
        "a",
        LogCheckpoint.of(new SourcePosition(new FileId(1, 2), "f", 3, "b"), new FileId(4, 5), 6));
    Path file = directory.resolve("c/a.log-checkpoint");
    byte[] whole = Files.readAllBytes(file);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);
      checkpoints.load("a");
    }
    for (String json : new String[] {
      "null", "[]", "5", "{}", "{\"source\":{}}", "{\"source\":null,\"length\":\"x\"}"
    }) {
      setAside(checkpoints, file, json);
    }
  }

  /// With a sum that fits.
  private static void setAside(LogCheckpoints checkpoints, Path file, String json)
      throws IOException {
    Files.writeString(file, "jubelet-log-1 " + LogCheckpoints.checksum(json) + "\n" + json + "\n");
    assertThat(checkpoints.load("a")).as(json).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void aHugeLogCheckpointIsSetAsideUnread() throws Exception {
    LogCheckpoints checkpoints = new LogCheckpoints(directory.resolve("h"));
    Path file = directory.resolve("h/a.log-checkpoint");
    try (var out = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(3L << 30);
    }
    long before = Fuzz.allocated();
    assertThat(checkpoints.load("a")).isEmpty();
    assertThat(Fuzz.allocated() - before).isLessThan(16 << 20);
  }
}
