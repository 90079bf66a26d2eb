package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Docker's json-file of one container, through its rotations.
final class JsonFileSource implements LogSource {
  private static final int BATCH = 64 * 1024;
  private static final int LONGEST_RECORD = 1 << 20; // Docker's are 16 KiB of text, ×6 when escaped

  private final SourceChain chain;
  private final Conversion conversion;
  private long read;
  private boolean turn;

  private JsonFileSource(SourceChain chain, LogMetrics metrics) {
    this.chain = chain;
    this.conversion = new Conversion(metrics);
  }

  /// @param path of the newest file; need not exist yet
  static Opener of(Path path, LogMetrics metrics) {
    return new Opener() {
      @Override
      public LogSource resume(Optional<LogCheckpoint> saved) throws IOException {
        SourcePosition position = saved.map(LogCheckpoint::source).orElse(null);
        SourceChain chain =
            position == null ? SourceChain.fromStart(path) : SourceChain.from(path, position);
        return new JsonFileSource(chain, metrics);
      }

      @Override
      public LogSource fromEnd() throws IOException {
        return new JsonFileSource(SourceChain.fromEnd(path), metrics);
      }
    };
  }

  @Override
  public boolean step() throws IOException {
    long unread = chain.unread();
    if (unread < 0) {
      conversion.gap("truncated", "Docker's log was truncated by somebody: lines are missing here");
      chain.rewind();
      unread = chain.unread();
    }
    noteLoss();
    int consumed = unread == 0 ? 0 : convert(unread);
    if (consumed > 0) {
      consumed(consumed);
      return true;
    }
    return nextFile(unread);
  }

  private void noteLoss() {
    if (chain.tookLoss()) {
      conversion.gap(
          "rotated", "lines may be missing here: Docker rotated them away before they were read");
      turn = true;
    }
  }

  private int convert(long unread) throws IOException {
    int length = (int) Math.min(BATCH, unread);
    int consumed = records(length);
    return consumed == 0 && length == BATCH ? longRecord(unread) : consumed;
  }

  // A record that fills the batch: read it whole, or skip a part of it when it is beyond all
  // bounds.
  private int longRecord(long unread) throws IOException {
    int length = (int) Math.min(LONGEST_RECORD, unread);
    int consumed = records(length);
    if (consumed == 0 && length == LONGEST_RECORD) {
      conversion.skip(length);
      return length;
    }
    return consumed;
  }

  private int records(int length) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(length);
    chain.read(in);
    return conversion.records(in.array(), in.position());
  }

  private void consumed(int bytes) {
    chain.consumed(bytes);
    read += bytes;
  }

  // `seen` bytes, of an unfinished record, were there at the last look.
  private boolean nextFile(long seen) throws IOException {
    if (!chain.rotated()) {
      return false;
    }
    if (chain.unread() != seen) {
      return true; // written between that look and the rotation
    }
    if (seen > 0) {
      conversion.torn(seen);
      consumed((int) seen);
    }
    chain.moveOn();
    turn = true;
    return true;
  }

  @Override
  public byte[] take() {
    return conversion.take();
  }

  @Override
  public long read() {
    return read;
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public boolean tookTurn() {
    boolean was = turn;
    turn = false;
    return was;
  }

  @Override
  public Optional<LogCheckpoint> checkpoint(boolean due, FileId destination, long length)
      throws IOException {
    return due
        ? Optional.of(LogCheckpoint.of(chain.position().orElse(null), destination, length))
        : Optional.empty();
  }

  @Override
  public boolean broken() {
    return false;
  }

  @Override
  public void restart(Optional<LogCheckpoint> saved) {
    throw new IllegalStateException("a file keeps its place");
  }

  @Override
  public void lastWas(Instant time) {
    conversion.lastWas(time);
  }

  @Override
  public void skipUntil(Instant time) {
    conversion.skipUntil(time);
  }

  @Override
  public void close() throws IOException {
    chain.close();
  }
}
