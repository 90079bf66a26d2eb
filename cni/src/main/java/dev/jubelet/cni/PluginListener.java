package dev.jubelet.cni;

import java.util.Optional;

/// Is told of each run of a plugin, on the thread that waits for it: for spans and metrics.
@FunctionalInterface
public interface PluginListener {
  /// Hears nothing.
  PluginListener NONE = (plugin, command, containerId) -> failure -> {};

  /// A plugin is about to run; `command` is `ADD`, `DEL`, `CHECK`, `STATUS`, `GC` or `VERSION`, and
  /// `containerId` is empty for the last three.
  Run started(String plugin, String command, String containerId);

  /// One run under way.
  interface Run {
    /// It ended; `failure` is empty when it succeeded. Called exactly once.
    void ended(Optional<Exception> failure);
  }
}
