package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/// The output of containers into CRI log files: `docs/logs.md` tells the protocol. Few threads
/// for all containers; a hung destination blocks only its own container's log.
public interface ContainerLogs extends AutoCloseable {

  /// Makes the CRI log file (0640, its directory must exist) and begins to follow; returns
  /// when the file exists. Called just before Docker's start, so that nothing is missed.
  /// Idempotent: an adopted or restarted shim calls it for every container that was started.
  void follow(String containerId, LogOrigin origin, Path destination) throws IOException;

  /// The container was started, now or earlier: before, the engine has nothing to give back.
  /// Idempotent.
  void begin(String containerId);

  /// An adopted container, whose log is Docker's own file so far: its first reopen begins a
  /// CRI file at the source's present end, in the place of the link that may be there.
  void adopt(String containerId, LogOrigin origin, Path destination) throws IOException;

  /// Whether this container's log is written here: it is followed, or was by an earlier
  /// process.
  boolean follows(String containerId);

  /// Deletes what is kept of containers that are neither followed nor among these: a crash may
  /// have come between their removal and [#forget].
  void retain(Set<String> containerIds) throws IOException;

  /// The container died: drain what is there. Returns whether the end of the source was
  /// reached within `atMost`; else it goes on behind.
  boolean drain(String containerId, Duration atMost) throws InterruptedException;

  /// ReopenContainerLog: drain into the old inode, open the new file, return after the switch.
  ///
  /// @throws IOException naming the file and the cause
  void reopen(String containerId, Duration deadline) throws IOException, InterruptedException;

  /// The container is removed: stop following, forget its checkpoint. Never waits for the log.
  void forget(String containerId);

  @Override
  void close();
}
