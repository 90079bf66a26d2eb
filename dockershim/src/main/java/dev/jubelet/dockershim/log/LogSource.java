package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// A container's output as CRI lines, from some place on. The same place gives the same bytes
/// again, so that a replay can be compared with what the log file holds. For one thread at a
/// time.
interface LogSource extends AutoCloseable {

  /// The container was started, now or earlier. Idempotent.
  default void begin() {}

  /// Makes the next lines ready for [#take], of about 64 KiB; false at the end of what is
  /// there.
  boolean step() throws IOException;

  /// The lines since the last call, whole ones.
  byte[] take();

  /// How many bytes of the source were read so far.
  long read();

  /// Nothing can come any more, or whatever comes shows by itself: at the end of what is
  /// there, a dead container's log is complete.
  boolean complete();

  /// True once after something that makes a new checkpoint worth while.
  boolean tookTurn();

  /// What to keep, when all lines taken so far are in the log file up to `length`.
  ///
  /// @param due whether it is time for one; the source may give an earlier one, or none
  Optional<LogCheckpoint> checkpoint(boolean due, FileId destination, long length)
      throws IOException;

  /// The source lost its place: it goes on from the last checkpoint, in [#restart].
  boolean broken();

  void restart(Optional<LogCheckpoint> saved);

  /// The time of the last line before the first one to come.
  void lastWas(Instant time);

  /// Leaves out the records up to this time: they are in the log file already.
  void skipUntil(Instant time);

  @Override
  void close() throws IOException;

  /// Opens the source of one container.
  interface Opener {
    /// @param saved empty: from the begin
    LogSource resume(Optional<LogCheckpoint> saved) throws IOException;

    /// Behind all that is there now.
    LogSource fromEnd() throws IOException;
  }
}
