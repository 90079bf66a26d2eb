package dev.jubelet.cli.doctor;

import java.nio.file.Path;

/// What the command line says.
///
/// @param cni whether pods are on a CNI network, whatever its cache says
/// @param nodeEnding with which the names of its static pods end; empty when not known
/// @param engine the engine's socket
record Given(boolean cni, String nodeEnding, Path engine) {
  private static final Path USUAL = Path.of("/var/run/docker.sock");

  /// The command that removes a container.
  String removal(String id) {
    String docker = engine.equals(USUAL) ? "docker" : "docker -H unix://" + engine;
    return docker + " rm -fv " + Finding.brief(id);
  }
}
