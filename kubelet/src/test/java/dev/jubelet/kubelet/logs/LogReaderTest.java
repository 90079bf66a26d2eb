package dev.jubelet.kubelet.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.log.CriLogLine.Stream;
import dev.jubelet.kubelet.logs.LogReader.Selection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogReaderTest {
  @TempDir
  Path directory;

  private Path file;
  private LogReader reader;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() {
    file = directory.resolve("0.log");
    reader = new LogReader(file, Duration.ofSeconds(10));
  }

  @Test
  void bothFormats() throws IOException {
    write("""
        2026-11-01T10:00:00.000000001Z stdout F one
        2026-11-01T10:00:01Z stderr P tw
        2026-11-01T10:00:02Z stderr F o
        garbage
        {"log":"three\\n","stream":"stdout","time":"2026-11-01T10:00:03.5Z"}
        {"log":"par","stream":"stderr","time":"2026-11-01T10:00:04Z"}
        {"log": broken
        2026-11-01T10:00:05+01:00 stdout F:tag four
        2026-11-01T10:00:06Z stdout F unfinished\
        """);
    reader.read(Selection.ALL, records::add);
    assertThat(text()).isEqualTo("one\ntwo\nthree\nparfour\n");
    assertThat(records)
        .extracting(LogRecord::stream)
        .containsExactly(
            Stream.STDOUT,
            Stream.STDERR,
            Stream.STDERR,
            Stream.STDOUT,
            Stream.STDERR,
            Stream.STDOUT);
    assertThat(records.get(3).time()).isEqualTo(Instant.parse("2026-11-01T10:00:03.5Z"));
  }

  @ParameterizedTest(name = "tail {0} of {1}")
  @CsvSource({"0,5,0", "1,5,1", "3,5,3", "5,5,5", "9,5,5", "2,20000,2", "12345,20000,12345"})
  void tail(long lines, int written, int read) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < written; i++) {
      text.append("2026-11-01T10:00:00Z stdout F line ").append(i).append('\n');
    }
    write(text.toString());
    reader.read(Selection.tail(lines), records::add);
    assertThat(records).hasSize(read);
    if (read > 0) {
      assertThat(text()).startsWith("line " + (written - read) + "\n");
    }
  }

  @Test
  void sinceAndLimit() throws IOException {
    write("""
        2026-11-01T10:00:00Z stdout F old
        2026-11-01T10:00:10Z stdout F newer
        2026-11-01T10:00:20Z stdout F newest
        """);
    reader.read(
        new Selection(
            OptionalLong.empty(),
            Optional.of(Instant.parse("2026-11-01T10:00:10Z")),
            OptionalLong.of(8)),
        records::add);
    assertThat(text()).isEqualTo("newer\nne");
  }

  @Test
  void lineWithoutEndIsNotKept() throws IOException {
    write("2026-11-01T10:00:00Z stdout F " + "x".repeat(3 << 20) + "\n");
    Files.writeString(file, "2026-11-01T10:00:00Z stdout F next\n", StandardOpenOption.APPEND);
    reader.read(Selection.ALL, records::add);
    assertThat(text()).isEqualTo("next\n");
  }

  @Test
  void noLogIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> reader.read(Selection.ALL, records::add))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("0.log");
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    records.forEach(r -> text.append(new String(r.text(), StandardCharsets.UTF_8)));
    return text.toString();
  }
}
