package dev.jubelet.dockershim.log;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.LogSink;
import dev.jubelet.dockershim.docker.DockerException;
import java.time.Instant;

/// The engine as one that gives back what containers wrote.
interface EngineOutput {
  /// As [DockerApi#logs], following.
  void read(String containerId, Instant since, LogSink sink)
      throws DockerException, InterruptedException;

  /// Whether the container runs.
  boolean runs(String containerId) throws DockerException;

  static EngineOutput of(DockerApi docker) {
    return new EngineOutput() {
      @Override
      public void read(String containerId, Instant since, LogSink sink)
          throws DockerException, InterruptedException {
        docker.logs(containerId, since, true, sink);
      }

      @Override
      public boolean runs(String containerId) throws DockerException {
        return docker.inspectContainer(containerId).running();
      }
    };
  }
}
