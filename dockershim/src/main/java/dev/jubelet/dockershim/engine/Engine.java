package dev.jubelet.dockershim.engine;

import dev.jubelet.dockershim.docker.DockerException;

/// The engine's facts: as last known at any time, or proven for the engine that runs now.
public interface Engine {

  /// From the running engine, or from the last one seen (kept in the root directory); never fails.
  EngineFacts lastKnown();

  /// Of the engine that answers now; asks it when it was away since the last time.
  ///
  /// @throws DockerException when it does not answer
  /// @throws dev.jubelet.dockershim.CriException when it cannot run pods, saying why
  EngineFacts current() throws DockerException, InterruptedException;
}
