package dev.jubelet.dockershim.log;

/// How far Docker's log was read: in which file, and to which byte. Inodes are used again and
/// first lines may be equal, so a file is known again by its content too.
///
/// @param firstRecord hash of its first record
/// @param beforeOffset hash of the last 4 KiB before the offset
record SourcePosition(FileId file, String firstRecord, long offset, String beforeOffset) {}
