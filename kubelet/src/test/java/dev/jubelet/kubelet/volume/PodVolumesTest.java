package dev.jubelet.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.MountPropagation;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.resource.TestPods;
import dev.jubelet.kubelet.volume.PodVolumes.HostNames;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodVolumesTest {
  @TempDir
  Path root;

  private PodVolumes volumes;

  @BeforeEach
  void open() {
    volumes = new PodVolumes(root, Duration.ofSeconds(10));
  }

  @Test
  void emptyDirIsOpenToAllBelowPrivateDirectories() throws Exception {
    FrozenPod pod = TestPods.spec("volumes: [{name: v, emptyDir: {}}]");
    volumes.setUp(pod);
    Path made = root.resolve("pods/u-1/volumes/kubernetes.io~empty-dir/v");
    assertThat(mode(made)).isEqualTo("rwxrwxrwx");
    for (String parent : List.of("", "/u-1", "/u-1/volumes", "/u-1/plugins")) {
      assertThat(mode(Path.of(root + "/pods" + parent))).as(parent).isEqualTo("rwxr-x---");
    }
    assertThat(mode(Path.of(made + "/.."))).isEqualTo("rwxr-x---");
  }

  @Test
  void whatThePodDidToItsEmptyDirIsKept() throws Exception {
    FrozenPod pod = TestPods.spec("volumes: [{name: v, emptyDir: {}}]");
    volumes.setUp(pod);
    Path made = root.resolve("pods/u-1/volumes/kubernetes.io~empty-dir/v");
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(made.resolve("f"), "x");
    volumes.setUp(pod);
    assertThat(mode(made)).isEqualTo("rwx------");
    assertThat(made.resolve("f")).exists();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      {emptyDir: {medium: HugePages}}  | volume v: emptyDir.medium HugePages is not built yet
      {configMap: {name: c}}           | volume v: this type of volume is not built yet
      {nfs: {server: s, path: /}}      | volume v: this type of volume is not built yet
      {hostPath: {path: /, type: Odd}} | volume v: unknown hostPath.type Odd
      """)
  void whatIsNotBuiltIsNamed(String source, String message) {
    FrozenPod pod = TestPods.spec("volumes: [{name: v, %s]".formatted(source.substring(1)));
    assertThatThrownBy(() -> volumes.setUp(pod))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest(name = "{0} of {1}: {2}")
  @CsvSource({
    "'', none, ok",
    "DirectoryOrCreate, none, ok",
    "DirectoryOrCreate, dir, ok",
    "DirectoryOrCreate, file, is not a directory",
    "Directory, dir, ok",
    "Directory, link, ok",
    "Directory, file, is not a directory",
    "Directory, none, 'is not a directory, nothing is there'",
    "FileOrCreate, none, ok",
    "FileOrCreate, file, ok",
    "FileOrCreate, dir, is not a file",
    "File, file, ok",
    "File, none, 'is not a file, nothing is there'",
    "Socket, socket, ok",
    "Socket, file, is not a socket file",
    "CharDevice, /dev/null, ok",
    "CharDevice, file, is not a character device",
    "BlockDevice, /dev/null, is not a block device"
  })
  void hostPathTypes(String type, String there, String expected) throws Exception {
    Path path = there.startsWith("/") ? Path.of(there) : root.resolve("x");
    switch (there) {
      case "dir" -> Files.createDirectory(path);
      case "link" -> Files.createSymbolicLink(path, Files.createDirectory(root.resolve("real")));
      case "file" -> Files.createFile(path);
      case "socket" -> {
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
          socket.bind(UnixDomainSocketAddress.of(path));
        }
      }
      default -> {}
    }
    FrozenPod pod = TestPods.spec(
        "volumes: [{name: v, hostPath: {path: \"%s\", type: \"%s\"}}]".formatted(path, type));
    if (!expected.equals("ok")) {
      assertThatThrownBy(() -> volumes.setUp(pod))
          .isInstanceOf(VolumeException.class)
          .hasMessage("volume v: hostPath type check failed: " + path + " " + expected);
      return;
    }
    volumes.setUp(pod);
    if (type.equals("DirectoryOrCreate")) {
      assertThat(path).isDirectory();
    } else if (type.equals("FileOrCreate")) {
      assertThat(path).isRegularFile();
    }
  }

  @Test
  void mountsOfAContainer() throws Exception {
    FrozenPod pod = TestPods.spec("""
        volumes:
        - {name: e, emptyDir: {}}
        - {name: h, hostPath: {path: /opt/data}}
        containers:
        - name: c
          image: i
          terminationMessagePath: /dev/termination-log
          volumeMounts:
          - {name: e, mountPath: /e, readOnly: true}
          - {name: h, mountPath: relative, mountPropagation: HostToContainer}
        """);
    List<Mount> mounts = mounts(pod);
    assertThat(mounts)
        .extracting(Mount::getContainerPath)
        .containsExactly("/e", "/relative", "/etc/hosts", "/dev/termination-log");
    assertThat(mounts.get(0).getHostPath())
        .isEqualTo(root + "/pods/u-1/volumes/kubernetes.io~empty-dir/e");
    assertThat(mounts.get(0).getReadonly()).isTrue();
    assertThat(mounts.get(0).getSelinuxRelabel()).isTrue();
    assertThat(mounts.get(1).getHostPath()).isEqualTo("/opt/data");
    assertThat(mounts.get(1).getReadonly()).isFalse();
    assertThat(mounts.get(1).getSelinuxRelabel()).isFalse();
    assertThat(mounts.get(1).getPropagation())
        .isEqualTo(MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
    Path hosts = Path.of(mounts.get(2).getHostPath());
    assertThat(hosts)
        .isEqualTo(root.resolve("pods/u-1/etc-hosts"))
        .content()
        .contains("10.1.0.2\tp");
    assertThat(mode(hosts)).isEqualTo("rw-r--r--");
    Path message = Path.of(mounts.get(3).getHostPath());
    assertThat(message.getParent()).isEqualTo(root.resolve("pods/u-1/containers/c"));
    assertThat(message.getFileName().toString()).matches("[0-9a-f]{8}");
    assertThat(mode(message)).isEqualTo("rw-rw-rw-");
    assertThat(mounts(pod).get(3).getHostPath())
        .as("each instance has its own")
        .isNotEqualTo(message.toString());
  }

  @Test
  void containersOwnHostsFileIsLeftAlone() throws Exception {
    FrozenPod pod = TestPods.spec("""
        volumes: [{name: h, hostPath: {path: /opt/hosts}}]
        containers:
        - {name: c, image: i, volumeMounts: [{name: h, mountPath: /etc/hosts}]}
        """);
    assertThat(mounts(pod)).extracting(Mount::getHostPath).containsExactly("/opt/hosts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/abs", "../x", "a/../../x", "..", "a/.."})
  void subPathThatLeadsOutIsRefused(String subPath) {
    FrozenPod pod = withSubPath("subPath: \"" + subPath + "\"");
    assertThatThrownBy(() -> mounts(pod))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("must stay below the volume");
  }

  @Test
  void expandedSubPathIsCheckedToo() {
    FrozenPod pod = withSubPath("subPathExpr: $(X)");
    assertThatThrownBy(() -> volumes.containerMounts(
            pod, pod.containers().getFirst(), names(), text -> "../" + text))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("subPath ../$(X) must stay below the volume");
  }

  @Test
  void mountOfNoVolumeIsNamed() {
    FrozenPod pod = TestPods.spec(
        "containers: [{name: c, image: i, volumeMounts: [{name: gone, mountPath: /x}]}]");
    assertThatThrownBy(() -> mounts(pod))
        .hasMessage("cannot find volume \"gone\" to mount into container \"c\"");
  }

  @Test
  void tearDownLeavesNothingAndHarmsNothing() throws Exception {
    Path canary = Files.createDirectory(root.resolve("canary"));
    FrozenPod pod = TestPods.spec("""
        volumes: [{name: e, emptyDir: {}}]
        containers:
        - {name: c, image: i, terminationMessagePath: /t, volumeMounts: [{name: e, mountPath: /e}]}
        """);
    volumes.setUp(pod);
    mounts(pod);
    Files.createSymbolicLink(
        root.resolve("pods/u-1/volumes/kubernetes.io~empty-dir/e/link"), canary);
    assertThat(volumes.onDisk()).containsExactly("u-1");
    volumes.tearDown("u-1");
    volumes.tearDown("u-1");
    assertThat(root.resolve("pods/u-1")).doesNotExist();
    assertThat(volumes.onDisk()).isEmpty();
    assertThat(canary).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "/etc", "a/b", "", "."})
  void uidThatLeadsElsewhereIsRefused(String uid) {
    assertThatThrownBy(() -> volumes.tearDown(uid))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("cannot name a directory");
  }

  private FrozenPod withSubPath(String subPath) {
    return TestPods.spec("""
        volumes: [{name: e, emptyDir: {}}]
        containers:
        - {name: c, image: i, volumeMounts: [{name: e, mountPath: /e, %s}]}
        """.formatted(subPath));
  }

  private List<Mount> mounts(FrozenPod pod) throws VolumeException, InterruptedException {
    volumes.setUp(pod);
    return volumes.containerMounts(
        pod, pod.containers().getFirst(), names(), UnaryOperator.identity());
  }

  private static HostNames names() {
    return new HostNames(List.of("10.1.0.2"), "p", "");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
