package dev.jubelet.cli.look;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  private static final String T = "2026-11-01T10:00:00Z ";

  @TempDir
  Path directory;

  @Test
  void partialRecordsOfEachStreamAreJoined() throws IOException {
    Path path = write(T + "stdout P ab\n" + T + "stderr F e\n" + T + "stdout F cd\n");
    try (LogFile log = new LogFile(path)) {
      assertThat(texts(log.read())).containsExactly("e", "abcd");
      assertThat(log.read()).isEmpty();
    }
  }

  @Test
  void halfALineWaitsForItsRest() throws IOException {
    Path path = write(T + "stdout F on");
    try (LogFile log = new LogFile(path)) {
      assertThat(log.read()).isEmpty();
      append(path, "e\n" + T + "stdout F two\n");
      assertThat(texts(log.read())).containsExactly("one", "two");
    }
  }

  @Test
  void afterARotationTheOldFilesEndComesFirst() throws IOException {
    Path path = write(T + "stdout F one\n");
    try (LogFile log = new LogFile(path)) {
      assertThat(texts(log.read())).containsExactly("one");
      append(path, T + "stdout F two\n");
      Files.move(path, directory.resolve("0.log.20261101"));
      Files.writeString(path, T + "stdout F three\n");
      assertThat(texts(log.read())).containsExactly("two");
      assertThat(texts(log.read())).containsExactly("three");
    }
  }

  @Test
  void aLastLineWithoutNewlineIsNotLost() throws IOException {
    try (LogFile log = new LogFile(write(T + "stdout P no newline\n"))) {
      assertThat(log.read()).isEmpty();
      assertThat(texts(log.leftover())).containsExactly("no newline");
      assertThat(log.leftover()).isEmpty();
    }
  }

  @Test
  void aLineOfAnotherFormatIsShownAsItIs() throws IOException {
    try (LogFile log = new LogFile(write("{\"log\":\"x\"}\n"))) {
      assertThat(texts(log.read())).containsExactly("{\"log\":\"x\"}");
    }
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("0.log"), text);
  }

  private static void append(Path path, String text) throws IOException {
    Files.writeString(path, text, StandardOpenOption.APPEND);
  }

  private static List<String> texts(List<LogFile.Line> lines) {
    return lines.stream().map(line -> new String(line.text(), UTF_8)).toList();
  }
}
