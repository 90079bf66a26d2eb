package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.linux.Launcher.Command;
import dev.jubelet.linux.Launcher.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final int CAP = 1 << 20;

  @TempDir
  Path dir;

  private static Command shell(String script, Duration deadline) {
    return new Command(
        List.of("/bin/sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"),
        new byte[0],
        deadline,
        CAP);
  }

  private static Result sh(String script) throws Exception {
    return Launcher.run(shell(script, Duration.ofSeconds(20)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void givesExitCodeAndBothOutputs() throws Exception {
    Result result = sh("echo out; echo err >&2; exit 7");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(text(result.stdout())).isEqualTo("out\n");
    assertThat(text(result.stderr())).isEqualTo("err\n");
    assertThat(result.timedOut()).isFalse();
    assertThat(result.truncated()).isFalse();
  }

  @Test
  void aSignalIs128AndItsNumber() throws Exception {
    assertThat(sh("kill -TERM $$").exitCode()).isEqualTo(143);
  }

  @Test
  void handsOverStdinLargerThanAPipe() throws Exception {
    byte[] input = new byte[300_000];
    java.util.Arrays.fill(input, (byte) 'x');
    Command command =
        new Command(List.of("wc", "-c"), Map.of(), input, Duration.ofSeconds(20), CAP);
    assertThat(text(Launcher.run(command).stdout()).strip()).isEqualTo("300000");
  }

  @Test
  void aProgramThatDoesNotReadItsInputIsNoError() throws Exception {
    Command command =
        new Command(List.of("true"), Map.of(), new byte[300_000], Duration.ofSeconds(20), CAP);
    assertThat(Launcher.run(command).exitCode()).isZero();
  }

  @Test
  void bothOutputsAreReadToTheEndAndCapped() throws Exception {
    Command command = new Command(
        List.of("/bin/sh", "-c", "head -c 500000 /dev/zero >&2; head -c 500000 /dev/zero"),
        Map.of("PATH", "/usr/bin:/bin"),
        new byte[0],
        Duration.ofSeconds(20),
        1000);
    Result result = Launcher.run(command);
    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout()).hasSize(1000);
    assertThat(result.stderr()).hasSize(1000);
    assertThat(result.truncated()).isTrue();
  }

  @Test
  void nothingOfOurEnvironmentIsInherited() throws Exception {
    Command command = new Command(
        List.of("env"), Map.of("ONLY", "this"), new byte[0], Duration.ofSeconds(20), CAP);
    assertThat(text(Launcher.run(command).stdout())).isEqualTo("ONLY=this\n");
  }

  @Test
  void theProgramLeadsItsOwnSession() throws Exception {
    String[] stat = text(sh("cat /proc/$$/stat").stdout()).split(" ");
    assertThat(stat[4]).as("process group").isEqualTo(stat[0]);
    assertThat(stat[5]).as("session").isEqualTo(stat[0]);
  }

  @Test
  void onlyTheFirstThreeFilesAreInherited() throws Exception {
    // ls itself opens the directory as fd 3
    assertThat(text(sh("exec ls /proc/self/fd").stdout()).lines())
        .containsExactly("0", "1", "2", "3");
  }

  @Test
  void theDeadlineKillsTheWholeGroup() throws Exception {
    Path pidFile = dir.resolve("pid");
    Result result =
        Launcher.run(shell("sleep 100 & echo $! > " + pidFile + "; wait", Duration.ofMillis(300)));
    assertThat(result.timedOut()).isTrue();
    assertThat(result.exitCode()).isEqualTo(137);
    long child = Long.parseLong(Files.readString(pidFile).strip());
    Awaitility.await().until(() -> gone(child));
  }

  @Test
  void aChildInTheBackgroundThatHoldsThePipeDoesNotHoldUpTheAnswer() throws Exception {
    Path pidFile = dir.resolve("pid");
    Result result = Launcher.run(
        shell("sleep 100 & echo $! > " + pidFile + "; echo done", Duration.ofSeconds(60)));
    long child = Long.parseLong(Files.readString(pidFile).strip());
    try {
      assertThat(result.timedOut()).isFalse();
      assertThat(text(result.stdout())).isEqualTo("done\n");
      assertThat(ProcFs.stat(child)).as("left alone").isPresent();
    } finally {
      PidFd.kill(child, 9);
    }
  }

  @Test
  void anInterruptKillsTheGroup() throws Exception {
    Path pidFile = dir.resolve("pid");
    CountDownLatch ended = new CountDownLatch(1);
    Thread caller = Thread.ofVirtual().start(() -> {
      try {
        Launcher.run(shell("echo $$ > " + pidFile + "; sleep 100", Duration.ofSeconds(60)));
      } catch (InterruptedException e) {
        ended.countDown();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    Awaitility.await().until(() -> Files.exists(pidFile) && Files.size(pidFile) > 1);
    long child = Long.parseLong(Files.readString(pidFile).strip());
    caller.interrupt();
    ended.await();
    Awaitility.await().until(() -> gone(child));
  }

  @Test
  void aMissingProgramIsNamed() {
    Command command = new Command(
        List.of("/no/such/program"), Map.of(), new byte[0], Duration.ofSeconds(20), CAP);
    assertThatThrownBy(() -> Launcher.run(command))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("/no/such/program: no such file or directory (ENOENT)");
  }

  @Test
  void manyAtOnceFromVirtualThreadsLeaveNoFileAndNoZombie() throws Exception {
    sh("true");
    long before = openFiles();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Result>> all = java.util.stream.IntStream.range(0, 60)
          .mapToObj(i -> pool.submit(() -> sh("echo " + i)))
          .toList();
      for (int i = 0; i < all.size(); i++) {
        assertThat(text(all.get(i).get().stdout())).isEqualTo(i + "\n");
      }
    }
    Awaitility.await().until(() -> openFiles() <= before);
    assertThat(zombies()).isEmpty();
  }

  @Test
  void aNulInAnArgumentIsRefused() {
    assertThatThrownBy(() -> sh("echo \0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NUL");
  }

  private static boolean gone(long pid) {
    return ProcFs.stat(pid).map(stat -> stat.state() == 'Z').orElse(true);
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  private static List<Long> zombies() throws IOException {
    long self = ProcessHandle.current().pid();
    return ProcFs.pids().stream()
        .filter(pid ->
            ProcFs.stat(pid).filter(s -> s.ppid() == self && s.state() == 'Z').isPresent())
        .toList();
  }
}
