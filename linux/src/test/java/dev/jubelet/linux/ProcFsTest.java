package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.linux.ProcFs.ProcStat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcFsTest {
  @Test
  void readsAStatWhoseNameHoldsBracketsAndSpaces() {
    String text =
        "42 (a) b (c) S 7 40 39 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0 18446744073709551615";
    assertThat(ProcFs.parseStat(42, text))
        .contains(new ProcStat(42, "a) b (c", 7, 40, 39, 987654, 'S'));
    assertThat(ProcFs.parseStat(42, "rubbish")).isEmpty();
    assertThat(ProcFs.parseStat(42, "42 (cut) S 1")).isEmpty();
  }

  @Test
  void readsCgroupsOfBothVersions() {
    String text = """
        5:cpu,cpuacct:/docker/abc
        4:memory:/docker/abc
        1:name=systemd:/a:b
        0::/unified
        """;
    assertThat(ProcFs.parseCgroups(text))
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "cpu", "/docker/abc",
            "cpuacct", "/docker/abc",
            "memory", "/docker/abc",
            "name=systemd", "/a:b",
            "", "/unified"));
  }

  @Test
  void readsTheRealThing() throws Exception {
    ProcessHandle self = ProcessHandle.current();
    ProcStat stat = ProcFs.stat(self.pid()).orElseThrow();
    assertThat(stat.ppid()).isEqualTo(self.parent().orElseThrow().pid());
    assertThat(stat.startTime()).isPositive();
    assertThat(ProcFs.pids()).contains(self.pid(), 1L);
    assertThat(ProcFs.cgroups(self.pid())).isNotEmpty();
    assertThat(ProcFs.namespace(self.pid(), "net").orElseThrow()).startsWith("net:[");
    assertThat(ProcFs.capEff(self.pid())).isNotNegative();
  }

  @Test
  void aProcessThatIsGoneIsEmpty() {
    long none = 4_194_304; // above the kernel's largest pid
    assertThat(ProcFs.stat(none)).isEmpty();
    assertThat(ProcFs.cgroups(none)).isEmpty();
    assertThat(ProcFs.namespace(none, "net")).isEmpty();
  }
}
