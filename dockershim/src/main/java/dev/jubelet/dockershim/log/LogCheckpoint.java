package dev.jubelet.dockershim.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What must survive of a followed log: all that was read up to `source`, or before `since`,
/// is in the log file up to `length`.
///
/// @param source where Docker's file was; absent when nothing was read yet
/// @param destination the log file that was written then; it may have been renamed since
/// @param since RFC 3339, of a log that is read through the engine: every record of this time or a
/// later one comes behind `length`, every other before; absent when nothing was read yet
record LogCheckpoint(
    @Nullable SourcePosition source,
    FileId destination,
    long length,
    @Nullable String since) {
  static LogCheckpoint of(@Nullable SourcePosition source, FileId destination, long length) {
    return new LogCheckpoint(source, destination, length, null);
  }

  static LogCheckpoint since(@Nullable Instant time, FileId destination, long length) {
    return new LogCheckpoint(null, destination, length, time == null ? null : time.toString());
  }
}
