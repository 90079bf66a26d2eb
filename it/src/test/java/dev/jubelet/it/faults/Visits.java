package dev.jubelet.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.linux.ProcFs;
import java.io.BufferedReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Runs [ThousandVisits] beside a test and looks at it long after (30 s is how long an idle carrier
/// of virtual threads lives).
final class Visits implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(90);

  private final String host = netns(ProcessHandle.current().pid());
  private final Process pod;
  private final Process visits;
  private final ProcessLook before;
  private final long done;

  /// Returns after the last visit.
  Visits() throws Exception {
    pod = new ProcessBuilder("unshare", "--net", "sleep", "1000").start();
    await().until(() -> !netns(pod.pid()).equals(host));
    visits = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ThousandVisits.class.getName(),
            String.valueOf(pod.pid()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader out = visits.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).isEqualTo("warm");
    before = ProcessLook.at(visits.pid());
    OutputStream in = visits.getOutputStream();
    in.write('\n');
    in.flush();
    assertThat(out.readLine()).isEqualTo("done");
    done = System.nanoTime();
  }

  private static String netns(long pid) {
    return ProcFs.namespace(pid, "net").orElse("");
  }

  /// No thread is left inside, and there are no more threads and files than before.
  void assertNothingLeft() throws InterruptedException {
    Thread.sleep(Math.max(0, IDLE.toMillis() - (System.nanoTime() - done) / 1_000_000));
    await().atMost(SOON).untilAsserted(() -> {
      ProcessLook now = ProcessLook.at(visits.pid());
      assertThat(now.namespaces()).containsExactly(host);
      assertThat(now.threads()).as("before %s", before).isLessThanOrEqualTo(before.threads());
      assertThat(now.files())
          .as("before %s", before)
          .hasSizeLessThanOrEqualTo(before.files().size());
      assertThat(now.sockets()).as("before %s", before).isLessThanOrEqualTo(before.sockets());
    });
  }

  @Override
  public void close() {
    visits.destroyForcibly().onExit().join();
    pod.destroyForcibly().onExit().join();
  }
}
