package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds directories of pods: a pod's directory below our root is the record that we made it. Runs
/// on a thread of its own, for a dead mount may hang.
final class Orphans {
  private static final Logger log = LoggerFactory.getLogger(Orphans.class);

  private final PodVolumes volumes;
  private final Path podLogs;

  Orphans(PodVolumes volumes, Path podLogs) {
    this.volumes = volumes;
    this.podLogs = podLogs;
  }

  /// Names every pod that has a directory and is not in `known`, then says how many there were.
  void find(Set<String> known, Consumer<PodId> found, IntConsumer done) {
    Thread.ofPlatform().daemon().name("orphans").start(() -> run(known, found, done));
  }

  private void run(Set<String> known, Consumer<PodId> found, IntConsumer done) {
    int count = 0;
    try {
      for (String uid : volumes.onDisk()) {
        if (!known.contains(uid)) {
          found.accept(named(uid));
          count++;
        }
      }
      done.accept(count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      log.error("Failed to look for directories of orphaned pods", e);
    }
  }

  /// The log directory of a pod is called `<namespace>_<name>_<uid>`.
  private PodId named(String uid) throws IOException {
    if (Files.isDirectory(podLogs)) {
      try (Stream<Path> list = Files.list(podLogs)) {
        return list.map(path -> path.getFileName().toString().split("_"))
            .filter(parts -> parts.length == 3 && parts[2].equals(uid))
            .map(parts -> new PodId(uid, parts[1], parts[0]))
            .findFirst()
            .orElse(new PodId(uid, uid, ""));
      }
    }
    return new PodId(uid, uid, "");
  }
}
