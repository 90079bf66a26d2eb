package dev.jubelet.it.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.volume.PodVolumes;
import dev.jubelet.kubelet.volume.PodVolumes.HostNames;
import dev.jubelet.kubelet.volume.VolumeException;
import dev.jubelet.linux.MountEntry;
import dev.jubelet.linux.Mounts;
import dev.jubelet.linux.StatVfs;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PodVolumesMountTest {
  private static final int TRIES = 10_000;

  @TempDir
  Path temporary;

  private Path root;
  private Path volume;
  private Path emptyDir;
  private PodVolumes volumes;

  @BeforeEach
  void prepare() throws IOException {
    Path directory = temporary.toRealPath();
    root = Files.createDirectory(directory.resolve("root"));
    volume = Files.createDirectory(directory.resolve("volume"));
    emptyDir = root.resolve("pods/u-1/volumes/kubernetes.io~empty-dir/e");
    volumes = new PodVolumes(root, Duration.ofSeconds(30));
  }

  @AfterEach
  void unmountAll() throws IOException {
    for (Path target : mountsBelow(temporary.toRealPath()).reversed()) {
      Mounts.unmount(target, true);
    }
  }

  @Test
  void memoryVolumeIsATmpfsOfItsSize() throws Exception {
    FrozenPod pod = pod("volumes: [{name: e, emptyDir: {medium: Memory, sizeLimit: 4Mi}}]");
    volumes.setUp(pod);
    volumes.setUp(pod);
    assertThat(mountsBelow(root)).containsExactly(emptyDir);
    assertThat(StatVfs.of(emptyDir).fsType()).isEqualTo("tmpfs");
    assertThat(StatVfs.of(emptyDir).totalBytes()).isEqualTo(4 << 20);
    assertThat(mode(emptyDir)).isEqualTo(0777);
  }

  @Test
  void memoryVolumeIsBoundedByThePodsLimit() throws Exception {
    volumes.setUp(pod("""
        volumes: [{name: e, emptyDir: {medium: Memory, sizeLimit: 1Gi}}]
        containers: [{name: c, image: i, resources: {limits: {memory: 8Mi}}}]
        """));
    assertThat(StatVfs.of(emptyDir).totalBytes()).isEqualTo(8 << 20);
  }

  @Test
  void afterARebootMemoryVolumesStartEmptyAndDiskVolumesAreKept() throws Exception {
    FrozenPod pod =
        pod("volumes: [{name: e, emptyDir: {medium: Memory}}, {name: d, emptyDir: {}}]");
    volumes.setUp(pod);
    Files.writeString(emptyDir.resolve("f"), "x");
    Files.writeString(emptyDir.resolveSibling("d").resolve("f"), "x");
    Mounts.unmount(emptyDir, false);
    volumes.setUp(pod);
    assertThat(emptyDir).isEmptyDirectory();
    assertThat(Mounts.isMountPoint(emptyDir)).isTrue();
    assertThat(emptyDir.resolveSibling("d").resolve("f")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{medium: Memory}"})
  void fsGroupOwnsWithSetgid(String source) throws Exception {
    volumes.setUp(pod("{securityContext: {fsGroup: 4242}, volumes: [{name: e, emptyDir: %s}]}"
        .formatted(source)));
    assertThat(mode(emptyDir)).isEqualTo(02777);
    assertThat(Files.getAttribute(emptyDir, "unix:gid")).isEqualTo(4242);
  }

  @Test
  void subPathsOfDirectoriesFilesAndNewOnes() throws Exception {
    Files.createDirectories(volume.resolve("a/b"));
    Files.writeString(volume.resolve("a/b/f"), "inside");
    Files.setAttribute(volume, "unix:mode", 02751);
    FrozenPod pod = withSubPaths("a/b", "a/b/f", "new/deep");
    List<Mount> mounts = mounts(pod);
    assertThat(Path.of(mounts.get(0).getHostPath(), "f")).hasContent("inside");
    assertThat(Path.of(mounts.get(1).getHostPath())).hasContent("inside");
    Files.writeString(Path.of(mounts.get(2).getHostPath(), "g"), "back");
    assertThat(volume.resolve("new/deep/g")).hasContent("back");
    assertThat(mode(volume.resolve("new"))).isEqualTo(02751);
    assertThat(mode(volume.resolve("new/deep"))).isEqualTo(02751);
    assertThat(mounts.get(1).getHostPath()).isEqualTo(root + "/pods/u-1/volume-subpaths/h/c/1");
    assertThat(mounts(pod)).as("a restart makes no second mount").hasSize(3);
    assertThat(mountsBelow(root)).hasSize(3);
  }

  @Test
  void subPathIsMountedAnewWhenTheVolumeHasAnotherFileThere() throws Exception {
    Files.createDirectory(volume.resolve("a"));
    FrozenPod pod = withSubPaths("a");
    mounts(pod);
    Files.move(volume.resolve("a"), volume.resolve("old"));
    Files.writeString(volume.resolve("a"), "a file now");
    assertThat(Path.of(mounts(pod).getFirst().getHostPath())).hasContent("a file now");
    assertThat(mountsBelow(root)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"absolute", "relative", "absolute/canary", "absolute/new", "magic"})
  void subPathThroughALinkThatLeadsOutIsRefused(String subPath) throws Exception {
    Path canary = canary();
    Files.createSymbolicLink(volume.resolve("absolute"), canary);
    Files.createSymbolicLink(volume.resolve("relative"), Path.of("../outside"));
    Files.createSymbolicLink(volume.resolve("magic"), Path.of("/proc/self/root"));
    assertThatThrownBy(() -> mounts(withSubPaths(subPath)))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("mount subPath " + subPath + " of volume h");
    assertThat(mountsBelow(root)).isEmpty();
    assertThat(canary.resolve("new")).doesNotExist();
  }

  @Test
  void linkThatStaysInsideIsFollowed() throws Exception {
    Files.createDirectory(volume.resolve("real"));
    Files.writeString(volume.resolve("real/f"), "inside");
    Files.createSymbolicLink(volume.resolve("link"), Path.of("real"));
    assertThat(Path.of(mounts(withSubPaths("link")).getFirst().getHostPath(), "f"))
        .hasContent("inside");
  }

  // CVE-2021-25741
  @Test
  void swappingALinkInNeverEscapes() throws Exception {
    canary();
    Files.createDirectories(volume.resolve("x/y"));
    Files.createSymbolicLink(volume.resolve("evil"), Path.of("../outside"));
    FrozenPod pod = withSubPaths("x/y");
    int mounted = 0;
    try (Exchange exchange = new Exchange(volume.resolve("x"), volume.resolve("evil"))) {
      for (int i = 0; i < TRIES; i++) {
        try {
          Path target = Path.of(mounts(pod).getFirst().getHostPath());
          mounted++;
          assertThat(target.resolve("canary")).doesNotExist();
          Mounts.unmount(target, true);
        } catch (VolumeException e) {
          assertThat(e).hasMessageContaining("mount subPath x/y");
        }
      }
      assertThat(exchange.count()).isGreaterThan(100);
    }
    assertThat(mounted).isPositive();
  }

  @Test
  void tearDownUnmountsAndRemovesAllAndLeavesHostPathsAlone() throws Exception {
    Path canary = canary();
    FrozenPod pod = pod("""
        volumes:
        - {name: e, emptyDir: {medium: Memory}}
        - {name: h, hostPath: {path: %s}}
        containers:
        - name: c
          image: i
          volumeMounts:
          - {name: h, mountPath: /a, subPath: a}
          - {name: e, mountPath: /b, subPath: b}
        """.formatted(volume));
    volumes.setUp(pod);
    mounts(pod);
    Files.createSymbolicLink(emptyDir.resolve("b/link"), canary);
    assertThat(mountsBelow(root)).hasSize(3);
    volumes.tearDown("u-1");
    volumes.tearDown("u-1");
    assertThat(mountsBelow(root)).isEmpty();
    assertThat(root.resolve("pods")).isEmptyDirectory();
    assertThat(volume.resolve("a")).exists();
    assertThat(canary.resolve("canary")).exists();
  }

  @Test
  void foreignMountInAVolumeIsNamedAndNothingIsRemoved() throws Exception {
    volumes.setUp(pod("volumes: [{name: e, emptyDir: {}}]"));
    Path inside = Files.createDirectory(emptyDir.resolve("data"));
    Path canary = canary();
    Mounts.bind(canary, inside, Set.of());
    assertThatThrownBy(() -> volumes.tearDown("u-1"))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining(inside + " is mounted inside the pod's directory");
    assertThat(canary.resolve("canary")).exists();
    Mounts.unmount(inside, false);
    volumes.tearDown("u-1");
    assertThat(root.resolve("pods")).isEmptyDirectory();
  }

  @Test
  void bidirectionalNeedsASharedMount() throws Exception {
    Mounts.bind(volume, volume, Set.of(Mounts.Flag.PRIVATE));
    FrozenPod pod = pod("""
        volumes: [{name: h, hostPath: {path: %s}}]
        containers:
        - {name: c, image: i, volumeMounts: [{name: h, mountPath: /a, mountPropagation: Bidirectional}]}
        """.formatted(volume));
    assertThatThrownBy(() -> mounts(pod))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining(
            "mountPropagation Bidirectional needs a shared mount, and " + volume + " is private");
    Mounts.makeShared(volume, false);
    assertThat(mounts(pod)).hasSize(1);
  }

  private Path canary() throws IOException {
    Path outside = Files.createDirectories(volume.resolveSibling("outside/y"));
    Files.writeString(outside.resolve("canary"), "");
    Files.writeString(outside.resolveSibling("canary"), "");
    return outside.resolve("..").normalize();
  }

  private FrozenPod withSubPaths(String... subPaths) {
    StringBuilder mounts = new StringBuilder();
    for (String subPath : subPaths) {
      mounts.append("  - {name: h, mountPath: /m, subPath: %s}%n".formatted(subPath));
    }
    return pod("""
        volumes: [{name: h, hostPath: {path: %s}}]
        containers:
        - name: c
          image: i
          volumeMounts:
        %s
        """.formatted(volume, mounts));
  }

  private List<Mount> mounts(FrozenPod pod) throws VolumeException, InterruptedException {
    return volumes.containerMounts(
        pod,
        pod.containers().getFirst(),
        new HostNames(List.of(), "p", ""),
        UnaryOperator.identity());
  }

  private static FrozenPod pod(String spec) {
    Pod pod = new YAMLMapper().readValue("spec:\n" + spec.indent(2), Pod.class);
    ObjectMeta meta = new ObjectMeta();
    meta.setName("p");
    meta.setNamespace("default");
    meta.setUid("u-1");
    pod.setMetadata(meta);
    return new FrozenPod(pod, "file", Instant.EPOCH);
  }

  private static List<Path> mountsBelow(Path path) throws IOException {
    return Mounts.table().stream()
        .map(MountEntry::target)
        .filter(target -> target.startsWith(path))
        .toList();
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode") & 07777;
  }
}
