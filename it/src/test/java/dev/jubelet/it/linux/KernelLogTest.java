package dev.jubelet.it.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.it.Docker;
import dev.jubelet.linux.KernelLog;
import dev.jubelet.linux.OomKill;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The kernel's own words about a container that it killed for want of memory.
class KernelLogTest {
  @Test
  void anOutOfMemoryKillIsTold() throws Exception {
    List<OomKill> kills = new CopyOnWriteArrayList<>();
    KernelLog log = KernelLog.follow(record -> OomKill.of(record).ifPresent(kills::add));
    try {
      assertThat(threads()).contains("kernel-log");
      String id = Docker.docker(
          "run",
          "-d",
          "--memory=15m",
          "--network=none",
          "jubelet/busybox:1",
          "dd",
          "if=/dev/zero",
          "of=/dev/null",
          "bs=64M");
      try {
        await()
            .untilAsserted(() -> assertThat(kills)
                .anyMatch(kill -> kill.cgroups().stream().anyMatch(c -> c.contains(id)))
                .anyMatch(kill -> kill.pid() > 0));
      } finally {
        Docker.docker("rm", "-f", id);
      }
    } finally {
      log.close();
    }
    await().until(() -> !threads().contains("kernel-log"));
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .collect(Collectors.toSet());
  }
}
