package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A container's output as the engine gives it back, for log drivers of the site's own.
/// Records carry no position but their time, and those of stdout and stderr may come a little
/// out of the order of time. So a checkpoint is a place in the log file with a time before
/// which nothing comes any more: it is proposed, and believed when a second of records has
/// shown nothing older.
final class EngineSource implements LogSource {
  private static final int BATCH = 64 * 1024;
  private static final long BELIEVED_NANOS = 1_000_000_000L;

  private final EngineOutput engine;
  private final String containerId;
  private final LogMetrics metrics;
  private final Runnable arrived;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private EngineReader reader;
  private Optional<Instant> floor; // what is read is of this time and later
  private boolean begun;
  private long read;
  private int failures;
  private String lastTime = Instant.now().toString();
  private Optional<Instant> skipUntil = Optional.empty();
  // the newest time that was taken; what a proposal promises is that only newer ones come
  private @Nullable Instant newest;
  private @Nullable Proposal proposal;
  private boolean believed;
  private boolean turn;
  private boolean told; // why nothing comes

  private record Proposal(Instant newest, FileId destination, long length) {}

  private EngineSource(
      EngineOutput engine,
      String containerId,
      LogMetrics metrics,
      Runnable arrived,
      Optional<Instant> since,
      boolean told) {
    this.floor = since;
    this.engine = engine;
    this.containerId = containerId;
    this.metrics = metrics;
    this.arrived = arrived;
    this.told = told;
    this.reader = reader(since, false);
  }

  private EngineReader reader(Optional<Instant> since, boolean dead) {
    Instant from = since.orElse(Instant.EPOCH);
    return new EngineReader(engine, containerId, from, dead, failures, arrived).start();
  }

  /// @param arrived called from another thread when there is something new to take
  static Opener of(EngineOutput engine, String containerId, LogMetrics metrics, Runnable arrived) {
    return new Opener() {
      @Override
      public LogSource resume(Optional<LogCheckpoint> saved) {
        boolean told = saved.filter(s -> s.since() == null && s.length() > 0).isPresent();
        return new EngineSource(engine, containerId, metrics, arrived, since(saved), told);
      }

      @Override
      public LogSource fromEnd() {
        return new EngineSource(
            engine, containerId, metrics, arrived, Optional.of(Instant.now()), false);
      }
    };
  }

  private static Optional<Instant> since(Optional<LogCheckpoint> saved) {
    return saved.map(LogCheckpoint::since).flatMap(Times::parse);
  }

  @Override
  public void begin() {
    begun = true;
    reader.begin();
  }

  @Override
  public boolean step() {
    int bytes = 0;
    while (bytes < BATCH) {
      EngineRecord record = reader.poll();
      if (record == null) {
        tellWhyNothingComes();
        return bytes > 0;
      }
      bytes += record.bytes();
      take(record);
    }
    return true;
  }

  private void take(EngineRecord record) {
    read += record.bytes();
    failures = 0;
    see(record.time());
    if (skipUntil.filter(until -> !record.time().isAfter(until)).isEmpty()) {
      skipUntil = Optional.empty();
      record.appendTo(lines);
    }
    lastTime = record.time().toString();
  }

  private void see(Instant time) {
    if (proposal != null) {
      if (!time.isAfter(proposal.newest)) {
        proposal = null;
        turn = true;
      } else if (!time.isBefore(proposal.newest.plusNanos(BELIEVED_NANOS))) {
        believed = true;
      }
    }
    newest = newest == null || time.isAfter(newest) ? time : newest;
  }

  private void tellWhyNothingComes() {
    reader.tookRefusal().filter(_ -> !told).ifPresent(refusal -> {
      told = true;
      turn = true;
      metrics.gap("unreadable");
      Marker.appendTo(
          lines, lastTime, "no output is shown: the engine cannot read it back (" + refusal + ")");
    });
  }

  @Override
  public byte[] take() {
    byte[] taken = lines.toByteArray();
    lines.reset();
    return taken;
  }

  @Override
  public long read() {
    return read;
  }

  @Override
  public boolean complete() {
    return reader.ended();
  }

  @Override
  public boolean tookTurn() {
    boolean was = turn;
    turn = false;
    return was;
  }

  @Override
  public Optional<LogCheckpoint> checkpoint(boolean due, FileId destination, long length) {
    Proposal kept = proposal;
    if (kept != null && believed) {
      proposal = null;
      believed = false;
      return Optional.of(
          LogCheckpoint.since(kept.newest.plusNanos(1), kept.destination, kept.length));
    }
    if (due && newest == null) {
      return Optional.of(LogCheckpoint.since(floor.orElse(null), destination, length));
    }
    if (due && newest != null && proposal == null) {
      proposal = new Proposal(newest, destination, length);
      believed = false;
    }
    return Optional.empty();
  }

  @Override
  public boolean broken() {
    return reader.broken();
  }

  @Override
  public void restart(Optional<LogCheckpoint> saved) {
    boolean dead = reader.foundDead();
    reader.close();
    failures = dead ? 0 : failures + 1;
    proposal = null;
    believed = false;
    newest = null;
    floor = since(saved);
    reader = reader(floor, dead);
    if (begun) {
      reader.begin();
    }
  }

  @Override
  public void lastWas(Instant time) {
    lastTime = time.toString();
  }

  @Override
  public void skipUntil(Instant time) {
    skipUntil = Optional.of(time);
  }

  @Override
  public void close() {
    reader.close();
  }
}
