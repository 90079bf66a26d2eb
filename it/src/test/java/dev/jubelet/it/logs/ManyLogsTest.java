package dev.jubelet.it.logs;

import static dev.jubelet.it.logs.ShimProcess.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.PodSandboxConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// Many containers of 10 KB/s each. What a hundred cost is measured by `jubelet bench --logs`.
class ManyLogsTest {
  private static final int CONTAINERS = 24;
  private static final int LINES = 800;
  private static final String WRITER = """
      i=0
      while [ $i -lt %d ]; do
        echo "line $i ........................................................................"
        i=$((i + 1))
        [ $((i %% 100)) -ne 0 ] || sleep 1
      done
      sleep 1000
      """.formatted(LINES);

  @Test
  void everyLineOfEachIsThereOnceAndInOrderAcrossAKill() throws Exception {
    try (ShimProcess shim = new ShimProcess();
        ExecutorService starts = Executors.newFixedThreadPool(4)) {
      PodSandboxConfig.Builder pod = shim.pod("many");
      String sandbox = shim.run(pod);
      List<Future<String>> started = new ArrayList<>();
      for (int i = 0; i < CONTAINERS; i++) {
        String name = "c" + i;
        started.add(
            starts.submit(() -> shim.start(sandbox, pod, ShimProcess.container(name, WRITER))));
      }
      for (Future<String> one : started) {
        assertThat(one.get()).isNotEmpty();
      }
      shim.kill9();
      shim.start();
      for (int i = 0; i < CONTAINERS; i++) {
        Path log = Path.of(pod.getLogDirectory()).resolve("c" + i + ".log");
        await().atMost(SOON).untilAsserted(() -> assertThat(numbers(log)).hasSize(LINES));
        assertThat(numbers(log)).isEqualTo(range());
      }
    }
  }

  private static List<String> range() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      all.add(Integer.toString(i));
    }
    return all;
  }

  private static List<String> numbers(Path log) throws Exception {
    return Files.readAllLines(log).stream()
        .map(line -> line.replaceFirst("^\\S+ stdout F line (\\d+) \\.+$", "$1"))
        .toList();
  }
}
