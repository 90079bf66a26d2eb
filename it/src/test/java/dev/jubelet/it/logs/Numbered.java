package dev.jubelet.it.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.log.CriLogLine;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.Mount;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/// A container that writes numbered lines, about 250 KB a step, as many steps as it is told,
/// on stdout and stderr: short ones, ones of 100 KB, ones of exactly 16 KiB, and from step
/// [#LONG] on for [#PIECES] steps one line of nothing but `x` (12 MB: more than two of
/// Docker's files). Both streams end without a newline.
final class Numbered {
  static final int STEP_BYTES = 250_000;
  static final int LONG = 20;
  static final int PIECES = 48;
  private static final int LINES = 190;

  private static final String PROGRAM = """
      function run(c, n,   s) { s = c; while (length(s) < n) s = s s; return substr(s, 1, n) }
      function text(n) {
        head = n " "; size = 60 + (n * 37) % 150
        if (n % 100 == 17) size = 100000
        if (n % 100 == 60) size = 16384
        return head run(substr("abcdefghijklmnopqrstuvwxyz", n % 26 + 1, 1), size - length(head))
      }
      function told(step) {
        while (1) {
          getline limit < "/ctl/limit"; close("/ctl/limit")
          if (limit + 0 > step) return 1
          if (limit ~ /end/) return 0
          fflush(""); system("usleep 20000")
        }
      }
      BEGIN {
        n = 0
        for (step = 0; told(step); step++) {
          if (step >= LONG && step < LONG + PIECES) {
            printf "%s", run("x", STEP)
            if (step == LONG + PIECES - 1) printf "\\n"
          } else for (i = 0; i < LINES; i++) {
            if (n % 3 == 2) print text(n) > "/dev/stderr"; else print text(n)
            n++
          }
          fflush(""); print step + 1 > "/ctl/at"; close("/ctl/at")
        }
        printf "the end of stdout"; fflush("")
        printf "the end of stderr" > "/dev/stderr"
      }
      """.replace("PIECES", Integer.toString(PIECES))
      .replace("LONG", Integer.toString(LONG))
      .replace("STEP", Integer.toString(STEP_BYTES))
      .replace("LINES", Integer.toString(LINES));

  private final Path control;
  private int limit;
  private boolean ends;

  Numbered(Path control) throws IOException {
    this.control = Files.createDirectories(control);
    Files.writeString(control.resolve("program"), PROGRAM);
    Files.writeString(control.resolve("at"), "0");
    tell();
  }

  ContainerConfig.Builder container(String name) {
    return ShimProcess.container(name, "exec awk -f /ctl/program")
        .addMounts(Mount.newBuilder().setHostPath(control.toString()).setContainerPath("/ctl"));
  }

  /// May write so many steps more.
  void more(int steps) throws IOException {
    limit += steps;
    tell();
  }

  /// Ends when all steps are written.
  void end() throws IOException {
    ends = true;
    tell();
  }

  int limit() {
    return limit;
  }

  /// How many steps were written.
  int at() throws IOException {
    String text = Files.readString(control.resolve("at")).strip();
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  private void tell() throws IOException {
    Path hidden = Files.writeString(control.resolve(".limit"), limit + (ends ? " end\n" : "\n"));
    Files.move(hidden, control.resolve("limit"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static byte[] line(int n) {
    int size = 60 + (n * 37) % 150;
    size = n % 100 == 17 ? 100_000 : n % 100 == 60 ? 16_384 : size;
    byte[] line = new byte[size + 1];
    Arrays.fill(line, (byte) ('a' + n % 26));
    byte[] head = (n + " ").getBytes(US_ASCII);
    System.arraycopy(head, 0, line, 0, head.length);
    line[size] = '\n';
    return line;
  }

  /// Every byte of all steps is in these log files (oldest first), once and in order, and
  /// nothing else is.
  void assertComplete(List<Path> files) throws IOException {
    Expected out = new Expected(false);
    Expected err = new Expected(true);
    for (Path file : files) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
          line.write(b);
          if (b == '\n') {
            CriLogLine record = CriLogLine.decode(line.toByteArray())
                .orElseThrow(() -> new AssertionError(file + ": no log line: " + line));
            (record.stream() == CriLogLine.Stream.STDERR ? err : out).takes(record, file);
            line.reset();
          }
        }
        assertThat(line.size()).as("half a line at the end of %s", file).isZero();
      }
    }
    out.assertAtEnd();
    err.assertAtEnd();
  }

  /// What one stream must still bring.
  private final class Expected {
    private final boolean stderr;
    private int step;
    private int next; // line
    private byte[] bytes = {};
    private int at;
    private boolean last;

    Expected(boolean stderr) {
      this.stderr = stderr;
    }

    void takes(CriLogLine record, Path file) {
      byte[] text = record.text();
      byte[] all = record.partial() ? text : Arrays.copyOf(text, text.length + 1);
      if (!record.partial()) {
        all[text.length] = '\n';
      }
      for (int i = 0; i < all.length; ) {
        if (at == bytes.length && endsHere(all, i)) {
          return;
        }
        if (at == bytes.length) {
          refill(record, file);
        }
        int n = Math.min(all.length - i, bytes.length - at);
        if (!Arrays.equals(all, i, i + n, bytes, at, at + n)) {
          throw new AssertionError("%s at %s: got %s, expected %s (step %d, line %d)"
              .formatted(file, record.time(), shown(all, i), shown(bytes, at), step, next));
        }
        i += n;
        at += n;
      }
    }

    // The very end has no newline; what comes through the engine gets one.
    private boolean endsHere(byte[] text, int from) {
      return last && from == text.length - 1 && text[from] == '\n';
    }

    private void refill(CriLogLine record, Path file) {
      bytes = step();
      at = 0;
      while (bytes.length == 0 && !last) {
        bytes = step();
      }
      if (bytes.length == 0) {
        throw new AssertionError(
            file + ": more than was written: " + shown(record.text(), 0) + " at " + record.time());
      }
    }

    private byte[] step() {
      if (step == limit) {
        byte[] end = last ? new byte[0] : ("the end of " + name()).getBytes(US_ASCII);
        last = true;
        return end;
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      boolean inLong = step >= LONG && step < LONG + PIECES;
      if (inLong && !stderr) {
        byte[] run = new byte[STEP_BYTES];
        Arrays.fill(run, (byte) 'x');
        all.writeBytes(run);
        if (step == LONG + PIECES - 1) {
          all.write('\n');
        }
      }
      for (int i = 0; i < LINES && !inLong; i++, next++) {
        if (stderr == (next % 3 == 2)) {
          all.writeBytes(line(next));
        }
      }
      step++;
      return all.toByteArray();
    }

    private String name() {
      return stderr ? "stderr" : "stdout";
    }

    void assertAtEnd() {
      if (at == bytes.length && !last) {
        bytes = step();
        at = 0;
      }
      assertThat(last && at == bytes.length)
          .as(
              "%s is complete; it ends before step %d, line %d: %s",
              name(), step, next, shown(bytes, at))
          .isTrue();
    }

    private static String shown(byte[] bytes, int from) {
      return new String(bytes, from, Math.min(60, bytes.length - from), US_ASCII);
    }
  }
}
