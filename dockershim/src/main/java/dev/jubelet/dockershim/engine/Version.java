package dev.jubelet.dockershim.engine;

import dev.jubelet.cri.v1.VersionResponse;

/// `Version`: answers from what was last known, so that a kubelet starts before dockerd does.
public final class Version {
  /// Tools that know dockershim by this name fill in what its answers used to lack.
  private static final String RUNTIME_NAME = "docker";

  private final Engine engine;

  public Version(Engine engine) {
    this.engine = engine;
  }

  public VersionResponse call() {
    return VersionResponse.newBuilder()
        .setVersion("0.1.0")
        .setRuntimeName(RUNTIME_NAME)
        .setRuntimeVersion(engine.lastKnown().version())
        .setRuntimeApiVersion("v1")
        .build();
  }
}
