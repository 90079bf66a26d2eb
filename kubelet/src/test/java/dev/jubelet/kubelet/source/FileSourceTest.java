package dev.jubelet.kubelet.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.linux.Inotify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
  /// So long that a test which passes was woken by inotify.
  private static final Duration NEVER = Duration.ofMinutes(10);

  @TempDir
  Path dir;

  private final Updates updates = new Updates();
  private FileSource source = start(Path.of("/nowhere/at/all"), NEVER);

  private FileSource start(Path path, Duration frequency) {
    return start(path, frequency, Inotify::new);
  }

  private FileSource start(Path path, Duration frequency, FileWatch.Opener opener) {
    InstantSource clock = InstantSource.system();
    return new FileSource(
        path, new StaticPods("file", "n", List.of(), clock), frequency, updates, clock, opener);
  }

  private void follow(Path path, Duration frequency) {
    source = start(path, frequency);
    source.start();
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(dir.resolve(file), text);
  }

  @AfterEach
  void close() {
    source.close();
  }

  @Test
  void anEmptyDirectorySaysThatTheSourceIsReady() {
    follow(dir, NEVER);
    SourceUpdate first = updates.awaitNames();
    assertThat(first.source()).isEqualTo("file");
    assertThat(first.refused()).isEmpty();
  }

  @Test
  void filesComeChangeAndGo() throws IOException {
    follow(dir, NEVER);
    updates.awaitNames();
    write("b.yaml", Updates.pod("b"));
    String uid = updates.awaitNames("b-n").pods().getFirst().uid();
    write(
        "a.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},"
            + "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}");
    updates.awaitNames("a-n", "b-n");
    write("b.yaml", Updates.pod("b").replace("image: i", "image: j"));
    updates.awaitLast(u -> u.pods().size() == 2 && !u.pods().getLast().uid().equals(uid));
    Files.delete(dir.resolve("a.json"));
    updates.awaitNames("b-n");
  }

  @Test
  void anEditorsRenameIsAnEdit() throws IOException {
    write("a.yaml", Updates.pod("a"));
    follow(dir, NEVER);
    String uid = updates.awaitNames("a-n").pods().getFirst().uid();
    write(".a.yaml.swp", Updates.pod("a").replace("image: i", "image: j"));
    Files.move(dir.resolve(".a.yaml.swp"), dir.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
    updates.awaitLast(u -> u.pods().size() == 1 && !u.pods().getFirst().uid().equals(uid));
  }

  @Test
  void hiddenFilesAndSubdirectoriesArePassedOver() throws IOException {
    write(".hidden.yaml", Updates.pod("hidden"));
    Files.createDirectory(dir.resolve("sub"));
    Files.writeString(dir.resolve("sub/x.yaml"), Updates.pod("x"));
    write("a.yaml", Updates.pod("a"));
    Files.createSymbolicLink(dir.resolve("link"), dir.resolve("sub/x.yaml"));
    follow(dir, NEVER);
    updates.awaitNames("a-n", "x-n");
  }

  @Test
  void aBadFileCostsNoOther() throws IOException {
    write("a.yaml", Updates.pod("a"));
    write("bad.yaml", "kind: [");
    write("list.yaml", "- kind: Pod");
    write("field.yaml", Updates.pod("f") + "specc: {}\n");
    write("huge.yaml", "#".repeat(10 * 1024 * 1024 + 1));
    write("two.yaml", Updates.pod("t") + "---\n" + "kind: Service\napiVersion: v1\n");
    follow(dir, NEVER);
    SourceUpdate update = updates.awaitNames("a-n", "t-n");
    assertThat(update.refused()).hasSize(5);
    assertThat(update.refused().get(0).origin()).endsWith("/bad.yaml");
    assertThat(update.refused().get(0).problems().getFirst()).contains("line 1");
    assertThat(update.refused().get(1).pod()).isEqualTo("default/f");
    assertThat(update.refused().get(1).problems())
        .containsExactly("specc: unknown field: did you mean \"spec\"?");
    assertThat(update.refused().get(2).problems())
        .containsExactly("is larger than 10 MiB: split it");
    assertThat(update.refused().get(3).problems().getFirst()).contains("must be a mapping");
    assertThat(update.refused().get(4).origin()).endsWith("/two.yaml (document 2)");
  }

  @Test
  void ofTwoPodsWithOneNameTheLaterIsRefusedNamingBothFiles() throws IOException {
    write("a.yaml", Updates.pod("same"));
    write("b.yaml", Updates.pod("same"));
    follow(dir, NEVER);
    SourceUpdate update = updates.awaitNames("same-n");
    assertThat(update.refused()).hasSize(1);
    assertThat(update.refused().getFirst().problems().getFirst())
        .contains("Duplicate value")
        .contains("a.yaml")
        .contains("b.yaml");
  }

  @Test
  void ofTwoPodsWithOneUidTheLaterIsRefused() throws IOException {
    write("a.yaml", Updates.pod("a").replace("name: a", "name: a, uid: u"));
    write("b.yaml", Updates.pod("b").replace("name: b", "name: b, uid: u"));
    follow(dir, NEVER);
    SourceUpdate update = updates.awaitNames("a-n");
    assertThat(update.refused().getFirst().problems().getFirst()).startsWith("metadata.uid");
  }

  @Test
  void aSlipInAnEditEndsNoRunningPod() throws IOException {
    write("a.yaml", Updates.pod("a"));
    follow(dir, NEVER);
    String uid = updates.awaitNames("a-n").pods().getFirst().uid();
    write("a.yaml", Updates.pod("a").replace("spec:", "spec: ["));
    SourceUpdate broken = updates.awaitLast(u -> !u.refused().isEmpty());
    assertThat(broken.pods()).extracting(p -> p.uid()).containsExactly(uid);
    assertThat(broken.refused().getFirst().problems()).contains("the last good version stays");
    write("a.yaml", Updates.pod("a").replace("image", "imagee"));
    SourceUpdate unknown = updates.awaitLast(u -> !u.equals(broken));
    assertThat(unknown.pods()).extracting(p -> p.uid()).containsExactly(uid);
    Files.delete(dir.resolve("a.yaml"));
    assertThat(updates.awaitNames().refused()).isEmpty();
  }

  @Test
  void aMissingPathIsEmptyAndIsFoundWhenItComes() throws IOException {
    Path later = dir.resolve("later");
    follow(later, Duration.ofMillis(100));
    updates.awaitNames();
    Files.createDirectory(later);
    Files.writeString(later.resolve("a.yaml"), Updates.pod("a"));
    updates.awaitNames("a-n");
    Files.delete(later.resolve("a.yaml"));
    Files.delete(later);
    updates.awaitNames();
  }

  @Test
  void aSingleFileIsFollowed() throws IOException {
    write("only.yaml", Updates.pod("a") + "---\n" + Updates.pod("b"));
    write("other.yaml", Updates.pod("x"));
    follow(dir.resolve("only.yaml"), NEVER);
    updates.awaitNames("a-n", "b-n");
    write("only.yaml", Updates.pod("c"));
    updates.awaitNames("c-n");
    Files.delete(dir.resolve("only.yaml"));
    updates.awaitNames();
  }

  @Test
  void withoutInotifyItPolls() throws IOException {
    source = start(dir, Duration.ofMillis(50), () -> {
      throw new IOException("Too many open files");
    });
    source.start();
    updates.awaitNames();
    write("a.yaml", Updates.pod("a"));
    updates.awaitNames("a-n");
  }

  @Test
  void nothingIsEmittedWhenNothingChanged() throws IOException {
    write("a.yaml", Updates.pod("a"));
    follow(dir, Duration.ofMillis(20));
    updates.awaitNames("a-n");
    write("b.yaml", Updates.pod("b"));
    updates.awaitNames("a-n", "b-n");
    assertThat(updates.count()).isEqualTo(2);
  }

  @Test
  void aFileThatIsBeingWrittenTakesNothingAway() throws IOException {
    write("a.yaml", Updates.pod("a"));
    follow(dir, Duration.ofMillis(20));
    updates.awaitNames("a-n");
    write("a.yaml", "");
    write("b.yaml", Updates.pod("b"));
    updates.awaitNames("a-n", "b-n");
  }
}
