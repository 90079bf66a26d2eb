package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// On real processes of our own cgroup.
class ExecTreeTest {
  private static final long OURS = ProcessHandle.current().pid();

  private Process process = start("true");

  @AfterEach
  void end() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Test
  void killsTheLeaderAndItsChildren() throws Exception {
    process = start("sleep 1000 & sleep 1000");
    await().until(() -> session(process.pid()).size() == 3);
    try (ExecTree tree = ExecTree.of(process.pid(), OURS).orElseThrow()) {
      assertThat(tree.kill()).isTrue();
    }
    assertThat(session(process.pid())).isEmpty();
  }

  @Test
  void killsWhatALeaderThatIsGoneLeftBehind() throws Exception {
    process = start("sleep 1000 & read line; exit 0");
    await().until(() -> session(process.pid()).size() >= 2);
    try (ExecTree tree = ExecTree.of(process.pid(), OURS).orElseThrow()) {
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
      assertThat(session(process.pid())).hasSize(1);
      assertThat(tree.kill()).isTrue();
    }
    assertThat(session(process.pid())).isEmpty();
  }

  @Test
  void leavesOthersAlone() throws Exception {
    assertThat(ExecTree.of(1, OURS)).isEmpty();
    assertThat(ExecTree.of(0, OURS)).isEmpty();
    process = start("sleep 1000");
    try (ExecTree tree = ExecTree.of(process.pid(), OURS).orElseThrow()) {
      assertThat(tree.kill()).isTrue();
    }
    assertThat(ProcessHandle.current().isAlive()).isTrue();
  }

  private static Process start(String script) {
    try {
      return new ProcessBuilder("setsid", "sh", "-c", script).start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// The living members of a session.
  private static List<Long> session(long leader) throws IOException {
    return ProcFs.pids().stream()
        .map(ProcFs::stat)
        .flatMap(Optional::stream)
        .filter(s -> s.session() == leader && s.state() != 'Z')
        .map(ProcFs.ProcStat::pid)
        .toList();
  }
}
