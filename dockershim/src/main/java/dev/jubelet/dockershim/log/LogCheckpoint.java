package dev.jubelet.dockershim.log;

import org.jspecify.annotations.Nullable;

/// What must survive of a followed log: all that was read up to `source` is in the log file up to
/// `length`.
///
/// @param source absent when nothing was read yet
/// @param destination the log file that was written then; it may have been renamed since
record LogCheckpoint(@Nullable SourcePosition source, FileId destination, long length) {}
