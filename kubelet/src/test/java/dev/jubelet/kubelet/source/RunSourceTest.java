package dev.jubelet.kubelet.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.pod.StaticPods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSourceTest {
  @TempDir
  Path root;

  private final Updates updates = new Updates();

  private RunSource open() throws IOException {
    InstantSource clock = InstantSource.system();
    RunSource source = new RunSource(
        root.resolve("run-pods"), new StaticPods("run", "n", List.of(), clock), updates, clock);
    source.start();
    return source;
  }

  private static List<RunSource.Manifest> manifests(String... texts) {
    return Stream.of(texts).map(t -> new RunSource.Manifest("web.yaml", t)).toList();
  }

  @Test
  void theFirstStartIsReadyAndEmpty() throws IOException {
    open();
    assertThat(updates.count()).isEqualTo(1);
    assertThat(updates.last().source()).isEqualTo("run");
    assertThat(updates.last().pods()).isEmpty();
  }

  @Test
  void podsKeepTheirNamesAndSurviveAKill() throws IOException {
    RunSource source = open();
    RunSource.Handover taken =
        source.add(manifests(Updates.pod("b") + "---\n" + Updates.pod("a"), Updates.pod("c")));
    assertThat(taken.refused()).isEmpty();
    assertThat(taken.pods()).extracting(FrozenPod::name).containsExactly("b", "a", "c");
    open();
    assertThat(updates.last().pods())
        .extracting(FrozenPod::uid)
        .containsExactlyInAnyOrderElementsOf(
            taken.pods().stream().map(FrozenPod::uid).toList());
  }

  @Test
  void theSameManifestAgainIsTheSamePodAndAnEditReplacesIt() throws IOException {
    RunSource source = open();
    String uid = source.add(manifests(Updates.pod("a"))).pods().getFirst().uid();
    assertThat(source.add(manifests(Updates.pod("a"))).pods().getFirst().uid()).isEqualTo(uid);
    source.add(manifests(Updates.pod("a").replace("image: i", "image: j")));
    assertThat(source.pods()).singleElement().matches(p -> !p.uid().equals(uid));
  }

  @Test
  void nothingIsTakenWhenSomethingIsRefused() throws IOException {
    RunSource source = open();
    RunSource.Handover taken =
        source.add(manifests(Updates.pod("a"), Updates.pod("b") + "---\nkind: Job\n"));
    assertThat(taken.pods()).isEmpty();
    assertThat(taken.refused())
        .singleElement()
        .matches(r -> r.origin().equals("web.yaml (document 2)"))
        .matches(r -> r.problems().getFirst().startsWith("kind: not built yet: Job"));
    assertThat(source.pods()).isEmpty();
    assertThat(updates.count()).isEqualTo(1);
  }

  @Test
  void duplicatesBrokenAndEmptyTextsAreRefused() throws IOException {
    RunSource source = open();
    assertThat(source
            .add(manifests(Updates.pod("a"), Updates.pod("a")))
            .refused()
            .getFirst()
            .problems())
        .containsExactly(
            "metadata.name: Duplicate value: web.yaml already has this pod: rename one");
    assertThat(source.add(manifests("a: [")).refused()).hasSize(1);
    assertThat(source.add(manifests("# nothing")).refused().getFirst().problems())
        .containsExactly("holds no pod: write a kind: Pod");
    source.add(manifests(Updates.pod("a").replace("name: a", "name: a, uid: u")));
    assertThat(source
            .add(manifests(Updates.pod("b").replace("name: b", "name: b, uid: u")))
            .refused()
            .getFirst()
            .problems()
            .getFirst())
        .startsWith("metadata.uid: Duplicate value: pod default/a has it");
  }

  @Test
  void aRemovedPodStaysRemoved() throws IOException {
    RunSource source = open();
    List<FrozenPod> pods =
        source.add(manifests(Updates.pod("a"), Updates.pod("b"))).pods();
    assertThat(source.remove(List.of(pods.getFirst().uid(), "unknown")))
        .extracting(FrozenPod::name)
        .containsExactly("a");
    assertThat(Updates.names(updates.last())).containsExactly("b");
    open();
    assertThat(Updates.names(updates.last())).containsExactly("b");
    int before = updates.count();
    assertThat(source.remove(List.of("unknown"))).isEmpty();
    assertThat(updates.count()).isEqualTo(before);
  }

  @Test
  void aCorruptFileIsSetAside() throws IOException {
    open().add(manifests(Updates.pod("a")));
    Files.writeString(root.resolve("run-pods/torn.json"), "{\"kind\":");
    open();
    assertThat(Updates.names(updates.last())).containsExactly("a");
    assertThat(root.resolve("run-pods/torn.json.bad")).exists();
    assertThat(root.resolve("run-pods/torn.json")).doesNotExist();
  }

  @Test
  void whatAnOlderVersionSetAsideIsTakenUpByTheNextThatCan() throws IOException {
    String uid = open().add(manifests(Updates.pod("a"))).pods().getFirst().uid();
    Path file;
    try (Stream<Path> files = Files.list(root.resolve("run-pods"))) {
      file = files.findFirst().orElseThrow();
    }
    String text = Files.readString(file);
    Files.writeString(file, text.replace("\"containers\"", "\"fieldOfTomorrow\":1,\"containers\""));
    open();
    assertThat(updates.last().pods()).isEmpty();
    open();
    assertThat(updates.last().pods()).isEmpty();

    Path aside = file.resolveSibling(file.getFileName() + ".bad");
    Files.writeString(aside, Files.readString(aside).replace("\"fieldOfTomorrow\":1,", ""));
    open();
    assertThat(updates.last().pods()).extracting(FrozenPod::uid).containsExactly(uid);
    assertThat(file).exists();
    assertThat(aside).doesNotExist();
  }

  @Test
  void filesAreForTheOwnerOnly() throws IOException {
    open().add(manifests(Updates.pod("a")));
    try (Stream<Path> files = Files.list(root.resolve("run-pods"))) {
      assertThat(files).singleElement().matches(f -> mode(f).equals("rw-------"));
    }
    assertThat(mode(root.resolve("run-pods"))).isEqualTo("rwx------");
  }

  private static String mode(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
