package dev.jubelet.kubelet.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.TestPods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogDirectoriesTest {
  private static final FrozenPod POD =
      TestPods.yaml("{metadata: {name: web, namespace: shop, uid: u-1}, spec: {}}");

  @TempDir
  Path directory;

  private LogDirectories logs;
  private Path pods;
  private Path links;

  @BeforeEach
  void open() {
    pods = directory.resolve("pods");
    links = directory.resolve("containers");
    logs = new LogDirectories(pods, links, Duration.ofSeconds(10));
  }

  @Test
  void directoriesAreReadableByAll() throws IOException {
    logs.create(POD, "c");
    logs.create(POD, "c");
    Path made = pods.resolve("shop_web_u-1/c");
    assertThat(logs.podDir(POD)).isEqualTo(made.getParent());
    for (Path path : List.of(made, made.getParent(), pods)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwxr-xr-x");
    }
  }

  @Test
  void restartCountGoesOnAfterTheHighestLog() throws IOException {
    assertThat(logs.nextRestartCount(POD, "c")).isEmpty();
    logs.create(POD, "c");
    assertThat(logs.nextRestartCount(POD, "c")).isEmpty();
    for (String name : List.of("0.log", "3.log.20261101-100000.gz", "2.log", "x.log", "9.txt")) {
      write("c/" + name);
    }
    assertThat(logs.nextRestartCount(POD, "c")).hasValue(4);
  }

  @Test
  void linkLeadsToTheLogOnceThereIsOne() throws IOException {
    logs.create(POD, "c");
    logs.link(POD, "c", "id1", 2);
    assertThat(links).doesNotExist();
    Path log = write("c/2.log");
    logs.link(POD, "c", "id1", 2);
    logs.link(POD, "c", "id1", 2);
    Path link = links.resolve("web_shop_c-id1.log");
    assertThat(link).isSymbolicLink();
    assertThat(Files.readSymbolicLink(link)).isEqualTo(log);
  }

  @Test
  void linkNameFitsAFileName() throws IOException {
    FrozenPod pod = TestPods.yaml("{metadata: {name: %s}, spec: {}}".formatted("p".repeat(200)));
    logs.create(pod, "c");
    Files.writeString(logs.podDir(pod).resolve("c/0.log"), "");
    logs.link(pod, "c", "i".repeat(64), 0);
    assertThat(list(links)).singleElement().asString().hasSize(255).endsWith(".log");
  }

  @Test
  void oneInstancesLogGoesWithItsRotatedFilesAndLink() throws IOException {
    logs.create(POD, "c");
    for (String name : List.of("1.log", "1.log.20261101-100000", "10.log", "2.log")) {
      write("c/" + name);
    }
    logs.link(POD, "c", "id1", 1);
    logs.link(POD, "c", "id2", 2);
    logs.removeContainerLog("shop", "web", "u-1", "c", "id1", 1);
    logs.removeContainerLog("shop", "web", "u-1", "c", "id1", 1);
    assertThat(list(pods.resolve("shop_web_u-1/c"))).containsExactly("10.log", "2.log");
    assertThat(list(links)).containsExactly("web_shop_c-id2.log");
  }

  @Test
  void podsLogsGoWithoutTouchingOthers() throws IOException {
    logs.create(POD, "c");
    write("c/0.log");
    logs.link(POD, "c", "id1", 0);
    Path canary = Files.createDirectories(directory.resolve("canary"));
    Files.writeString(canary.resolve("file"), "");
    Files.createSymbolicLink(pods.resolve("shop_web_u-1/d"), canary);
    Files.createDirectories(pods.resolve("shop_web_u-10/c"));
    Files.createSymbolicLink(links.resolve("foreign.log"), canary.resolve("file"));
    logs.removePod("shop", "web", "u-1");
    logs.removePod("shop", "web", "u-1");
    assertThat(list(pods)).containsExactly("shop_web_u-10");
    assertThat(list(links)).containsExactly("foreign.log");
    assertThat(canary.resolve("file")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b", "..", ".", "", "a\0b"})
  void namesThatLeadElsewhereAreRefused(String name) {
    assertThatThrownBy(() -> logs.create(POD, name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot name a log directory");
  }

  @Test
  void runtimesLabelsCannotLeadElsewhere() throws IOException {
    Path canary = Files.createDirectories(directory.resolve("canary/c"));
    assertThatThrownBy(() -> logs.removePod("..", "..", "/../../canary"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(canary.toFile().exists()).isTrue();
    assertThat(Files.isDirectory(canary, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  private Path write(String name) throws IOException {
    return Files.writeString(pods.resolve("shop_web_u-1").resolve(name), "");
  }

  private static List<String> list(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
