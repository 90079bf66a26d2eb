package dev.jubelet.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A fake engine as a process of its own, beside an agent that rehearses a pod's life so that its
/// class-data archive can be made (`bin/make-archive`). It ends by itself after a minute.
public final class RehearsalEngine {
  private RehearsalEngine() {}

  /// @param args its socket; the directory that it calls DockerRootDir
  public static void main(String[] args) throws IOException, InterruptedException {
    Path root = Path.of(args[1]);
    Files.createDirectories(root.resolve("containers"));
    try (FakeDocker docker = FakeDocker.start(Path.of(args[0]))) {
      docker.engine().rootDirectory(root.toString());
      docker.engine().addImage("rehearsal/pause:1", "sha256:" + "a".repeat(64), Map.of());
      docker.engine().addImage("rehearsal/app:1", "sha256:" + "b".repeat(64), Map.of());
      TimeUnit.MINUTES.sleep(1);
    }
  }
}
