package dev.jubelet.kubelet.source;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.yaml.YamlException;
import dev.jubelet.linux.AtomicFile;
import dev.jubelet.linux.KernelCall;
import dev.jubelet.linux.KernelCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pods that `jubelet run` hands over by the local socket. Each is a file below the root directory
/// before it counts, so a kill -9 loses none: the next start emits them again under the same UIDs.
public final class RunSource {
  private static final Logger LOG = LoggerFactory.getLogger(RunSource.class);
  private static final Duration DISK = Duration.ofSeconds(10);
  private static final String SUFFIX = ".json";
  private static final String ASIDE = ".bad";

  private final Path directory;
  private final StaticPods reader;
  private final Consumer<SourceUpdate> updates;
  private final InstantSource clock;
  private final SortedMap<String, FrozenPod> pods = new TreeMap<>();

  /// A text that was handed over.
  ///
  /// @param origin what messages call it
  public record Manifest(String origin, String text) {}

  /// What became of a hand-over: when something was refused, nothing was taken.
  public record Handover(List<FrozenPod> pods, List<SourceUpdate.Refused> refused) {
    public Handover {
      pods = List.copyOf(pods);
      refused = List.copyOf(refused);
    }
  }

  /// @param directory created at the start if it is not there
  public RunSource(
      Path directory, StaticPods reader, Consumer<SourceUpdate> updates, InstantSource clock) {
    this.directory = directory;
    this.reader = reader;
    this.updates = updates;
    this.clock = clock;
  }

  /// Takes up what an earlier process left, and says so even if it is nothing. A file that
  /// cannot be read is set aside; the next start tries it again, for it may be of a newer
  /// version of ours.
  public synchronized void start() throws IOException {
    Instant began = clock.instant();
    for (Path file : disk("list " + directory, this::stored)) {
      load(file);
    }
    emit(began);
  }

  /// Takes all pods of all manifests, or none. A pod of a name that is there already replaces it.
  ///
  /// @throws IOException when the disk does not take them; then none counts
  public synchronized Handover add(List<Manifest> manifests) throws IOException {
    Instant began = clock.instant();
    List<SourceUpdate.Refused> refused = new ArrayList<>();
    Map<String, Taken.Accepted> accepted = new LinkedHashMap<>();
    Map<String, String> origins = new HashMap<>();
    for (Manifest manifest : manifests) {
      read(manifest, accepted, origins, refused);
    }
    if (accepted.isEmpty() && refused.isEmpty()) {
      refused.add(
          new SourceUpdate.Refused("manifest", "", List.of("holds no pod: write a kind: Pod")));
    }
    refuseForeignUids(accepted, origins, refused);
    if (!refused.isEmpty()) {
      return new Handover(List.of(), refused);
    }
    for (Map.Entry<String, Taken.Accepted> entry : accepted.entrySet()) {
      store(entry.getKey(), entry.getValue());
    }
    accepted.forEach((name, one) -> pods.put(name, one.pod()));
    emit(began);
    return new Handover(accepted.values().stream().map(Taken.Accepted::pod).toList(), List.of());
  }

  /// Ends pods that were handed over.
  ///
  /// @return those that were there
  /// @throws IOException when the disk still holds one; that one is still wanted
  public synchronized List<FrozenPod> remove(Collection<String> uids) throws IOException {
    Instant began = clock.instant();
    List<FrozenPod> removed = new ArrayList<>();
    List<String> names = pods.entrySet().stream()
        .filter(e -> uids.contains(e.getValue().uid()))
        .map(Map.Entry::getKey)
        .toList();
    try {
      for (String name : names) {
        Path file = file(name);
        disk("delete " + file, () -> Files.deleteIfExists(file));
        Optional.ofNullable(pods.remove(name)).ifPresent(removed::add);
      }
      if (!removed.isEmpty()) {
        disk("sync " + directory, this::sync);
      }
    } finally {
      if (!removed.isEmpty()) {
        emit(began);
      }
    }
    return removed;
  }

  /// What is wanted now.
  public synchronized List<FrozenPod> pods() {
    return List.copyOf(pods.values());
  }

  private void read(
      Manifest manifest,
      Map<String, Taken.Accepted> accepted,
      Map<String, String> origins,
      List<SourceUpdate.Refused> refused) {
    try {
      for (Taken taken : reader.take(manifest.text().getBytes(StandardCharsets.UTF_8), "run")) {
        switch (taken) {
          case Taken.Refused r ->
            refused.add(new SourceUpdate.Refused(
                manifest.origin() + " (document " + r.document() + ")", r.pod(), r.problems()));
          case Taken.Accepted a
          when accepted.containsKey(a.name()) ->
            refused.add(new SourceUpdate.Refused(
                manifest.origin(),
                a.name(),
                List.of("metadata.name: Duplicate value: %s already has this pod: rename one"
                    .formatted(origins.get(a.name())))));
          case Taken.Accepted a -> {
            accepted.put(a.name(), a);
            origins.put(a.name(), manifest.origin());
          }
        }
      }
    } catch (YamlException e) {
      refused.add(
          new SourceUpdate.Refused(manifest.origin(), "", List.of(String.valueOf(e.getMessage()))));
    }
  }

  /// A metadata.uid that another pod has already.
  private void refuseForeignUids(
      Map<String, Taken.Accepted> accepted,
      Map<String, String> origins,
      List<SourceUpdate.Refused> refused) {
    Map<String, String> owners = new HashMap<>();
    pods.forEach((name, pod) -> owners.put(pod.uid(), name));
    accepted.forEach((name, one) -> {
      String owner = owners.putIfAbsent(one.pod().uid(), name);
      if (owner != null && !owner.equals(name)) {
        refused.add(new SourceUpdate.Refused(
            origins.getOrDefault(name, "manifest"),
            name,
            List.of("metadata.uid: Duplicate value: pod %s has it: remove metadata.uid"
                .formatted(owner))));
      }
    });
  }

  private void emit(Instant changedAt) {
    Snapshot snapshot = new Snapshot(List.copyOf(pods.values()), List.of());
    reader.retain(snapshot.uids());
    updates.accept(snapshot.update("run", changedAt));
  }

  private void load(Path file) {
    try {
      byte[] text = disk("read " + file, () -> Files.readAllBytes(file));
      for (Taken taken : reader.take(text, "run")) {
        switch (taken) {
          case Taken.Accepted a -> takeUp(file, a);
          case Taken.Refused r -> setAside(file, String.join(", ", r.problems()));
        }
      }
    } catch (IOException | YamlException e) {
      setAside(file, String.valueOf(e.getMessage()));
    }
  }

  /// One that was set aside is under its name again, unless the pod was handed over anew meanwhile.
  private void takeUp(Path file, Taken.Accepted pod) throws IOException {
    if (!file.toString().endsWith(ASIDE)) {
      pods.put(pod.name(), pod.pod());
    } else if (pods.putIfAbsent(pod.name(), pod.pod()) == null) {
      Path back = file(pod.name());
      disk("rename " + file, () -> Files.move(file, back));
    }
  }

  private void setAside(Path file, String problem) {
    if (file.toString().endsWith(ASIDE)) {
      LOG.warn("Pod in {} is still not taken up: {}", file, problem);
      return;
    }
    LOG.warn("Pod in {} is not taken up again, setting it aside: {}", file, problem);
    try {
      Path aside = file.resolveSibling(file.getFileName() + ASIDE);
      disk("rename " + file, () -> Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING));
    } catch (IOException e) {
      LOG.warn("Cannot set {} aside: {}", file, e.toString());
    }
  }

  private List<Path> stored() throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(p -> p.toString().endsWith(SUFFIX) || p.toString().endsWith(SUFFIX + ASIDE))
          .sorted(Comparator.comparing((Path p) -> p.toString().endsWith(ASIDE))
              .thenComparing(Comparator.naturalOrder()))
          .toList();
    }
  }

  private void store(String name, Taken.Accepted pod) throws IOException {
    Path file = file(name);
    byte[] text = pod.tree().toString().getBytes(StandardCharsets.UTF_8);
    disk("write " + file, () -> {
      AtomicFile.write(file, text, 0600);
      return file;
    });
  }

  private Path sync() throws IOException {
    AtomicFile.syncDirectory(directory);
    return directory;
  }

  /// Names are long and may hold dots and dashes, so the file's name is a digest of them.
  private Path file(String name) {
    return directory.resolve(StaticPods.digest(name) + SUFFIX);
  }

  private static <T> T disk(String what, KernelCall<T> call) throws IOException {
    return KernelCalls.call(what, DISK, call);
  }
}
