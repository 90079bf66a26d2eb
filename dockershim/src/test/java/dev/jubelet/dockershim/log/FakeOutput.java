package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.docker.DockerApi.LogSink;
import dev.jubelet.dockershim.docker.DockerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One container's output, given back as Docker does: what is of `since` or later, in the
/// order in which it was written, then what comes.
final class FakeOutput implements EngineOutput {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Stored> records = new ArrayList<>();
  private final StringBuilder expected = new StringBuilder();
  private volatile boolean runs = true;
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile boolean hiding;
  private Optional<DockerException> refusal = Optional.empty();

  @SuppressWarnings("ArrayRecordComponent")
  private record Stored(Instant time, boolean stderr, byte[] bytes) {}

  void record(String time, boolean stderr, String text) {
    bytes(time, stderr, time + " " + text);
    CriText.append(expected, time, stderr, text);
  }

  void bytes(String time, boolean stderr, String text) {
    change(() -> records.add(
        new Stored(Instant.parse(time), stderr, text.getBytes(StandardCharsets.UTF_8))));
  }

  /// The engine drops the first records.
  void rotateAway(int count) {
    change(() -> records.subList(0, count).clear());
  }

  void die() {
    change(() -> runs = false);
  }

  /// As [#die]; who follows misses the last record (as with Docker 20.10).
  void dieHidingTheLast(String time, String text) {
    change(() -> {
      runs = false;
      hiding = true;
      records.add(new Stored(
          Instant.parse(time), false, (time + " " + text).getBytes(StandardCharsets.UTF_8)));
    });
    CriText.append(expected, time, false, text);
  }

  /// Ends all connections.
  void cut() {
    change(() -> cuts.incrementAndGet());
  }

  void refuse(DockerException why) {
    change(() -> refusal = Optional.of(why));
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  String expected() {
    return expected.toString();
  }

  @Override
  public void read(String containerId, Instant since, LogSink sink)
      throws DockerException, InterruptedException {
    int atCut = cuts.get();
    boolean follows = runs;
    int i = 0;
    for (Optional<Stored> next = next(0, atCut); next.isPresent(); next = next(++i, atCut)) {
      if (follows && hiding && i == records.size() - 1) {
        return;
      }
      if (!next.get().time().isBefore(since)) {
        try {
          sink.accept(next.get().stderr(), next.get().bytes());
        } catch (IOException e) {
          throw new InterruptedException(e.toString());
        }
      }
    }
  }

  // Waits for it; empty at the end.
  private Optional<Stored> next(int i, int atCut) throws DockerException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (i >= records.size() && runs && cuts.get() == atCut && refusal.isEmpty()) {
        changed.await();
      }
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      if (cuts.get() != atCut) {
        throw new DockerException("logs", 0, "cut", false);
      }
      return i < records.size() ? Optional.of(records.get(i)) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean runs(String containerId) {
    return runs;
  }

  private static final class CriText {
    static void append(StringBuilder to, String time, boolean stderr, String text) {
      String stream = stderr ? " stderr " : " stdout ";
      boolean newline = text.endsWith("\n");
      boolean whole = newline || text.length() < 16_384;
      to.append(Instant.parse(time))
          .append(stream)
          .append(whole ? "F " : "P ")
          .append(text)
          .append(newline ? "" : "\n");
    }
  }
}
