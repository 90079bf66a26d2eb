package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.it.Docker;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The log directory of one pod is a file system of 2 MiB.
class FullLogDiskTest {
  private static final int MORE_THAN_DOCKER_KEEPS = 90; // steps: 22 MB

  private ShimProcess shim;
  private Numbered numbered;
  private Path disk;
  private String sandbox;
  private String id;
  private Path other;

  @BeforeEach
  void aPodOnASmallDisk() throws Exception {
    shim = new ShimProcess();
    disk = Files.createDirectories(shim.dir().resolve("disk"));
    Ran.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()).ok();
    numbered = new Numbered(shim.dir().resolve("ctl"));
    PodSandboxConfig.Builder small = shim.pod("small", disk);
    sandbox = shim.run(small);
    id = shim.start(sandbox, small, numbered.container("c"));
    PodSandboxConfig.Builder pod = shim.pod("other");
    var _ = shim.start(
        shim.run(pod),
        pod,
        ShimProcess.container("c", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.1; done"));
    other = Path.of(pod.getLogDirectory()).resolve("c.log");
    numbered.more(12);
    await().atMost(SOON).until(() -> shim.err().contains("No space left on device"));
  }

  @AfterEach
  void end() throws Exception {
    shim.close();
    Ran.run("umount", disk.toString()).ok();
  }

  @Test
  void whenSpaceReturnsTheLogGoesOnAndNothingIsMissing() throws Exception {
    assertOthersGoOn();
    grow("64m");
    numbered.more(4);
    numbered.end();
    shim.awaitExit(id);
    await().atMost(SOON).untilAsserted(() -> numbered.assertComplete(List.of(log())));
    assertThat(shim.err()).contains("into " + log() + " again");
  }

  @Test
  void whatDockerRotatedAwayMeanwhileIsMarked() throws Exception {
    numbered.more(MORE_THAN_DOCKER_KEEPS);
    await().atMost(SOON).until(() -> numbered.at() == numbered.limit());
    shim.kill9();
    shim.start();
    await().atMost(SOON).until(() -> shim.err().contains("No space left on device"));
    assertOthersGoOn();
    grow("64m");
    numbered.end();
    shim.awaitExit(id);
    await().atMost(SOON).until(() -> lastLines().contains("the end of stderr"));
    try (Stream<String> lines = Files.lines(log())) {
      assertThat(lines.filter(line -> line.contains("[jubelet]")))
          .singleElement()
          .asString()
          .contains(" stderr F [jubelet] lines may be missing here: Docker rotated them away");
    }
  }

  private String lastLines() throws IOException {
    try (InputStream in = Files.newInputStream(log())) {
      in.skipNBytes(Math.max(0, Files.size(log()) - 1000));
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void thePodIsStoppedAndRemoved() throws Exception {
    numbered.end();
    shim.awaitExit(id);
    assertThat(shim.err()).contains("is not complete yet, it goes on behind");
    shim.remove(sandbox);
    assertThat(Docker.docker("ps", "-aq", "--no-trunc")).doesNotContain(id).doesNotContain(sandbox);
    assertThat(shim.root().resolve("logs").resolve(id + ".log-checkpoint")).doesNotExist();
    assertOthersGoOn();
  }

  private Path log() {
    return disk.resolve("c.log");
  }

  private void grow(String size) throws Exception {
    Ran.run("mount", "-o", "remount,size=" + size, disk.toString()).ok();
  }

  private void assertOthersGoOn() throws IOException {
    long size = Files.size(other);
    await().atMost(SOON).until(() -> Files.size(other) > size);
  }
}
