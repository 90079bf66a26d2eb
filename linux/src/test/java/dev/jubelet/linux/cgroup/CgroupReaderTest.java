package dev.jubelet.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On trees of plain files that look like the kernel's.
class CgroupReaderTest {
  private static final String POD = "/kubepods/burstable/pod1/abc";

  @TempDir
  Path root;

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void swapOfVersion1IsWhatIsNotMemory() throws Exception {
    CgroupReader v1 = v1();
    assertThat(v1.readSwap(POD)).as("swapaccount=0").isEmpty();
    write("memory" + POD + "/memory.memsw.usage_in_bytes", "10300\n");
    assertThat(v1.readSwap(POD)).contains(new SwapUsage(300, OptionalLong.empty()));
    write(
        "memory" + POD + "/memory.stat",
        "hierarchical_memory_limit 20000\nhierarchical_memsw_limit 21000\n");
    assertThat(v1.readSwap(POD)).contains(new SwapUsage(300, OptionalLong.of(1000)));
  }

  @Test
  void swapOfVersion2() throws Exception {
    CgroupReader v2 = v2();
    assertThat(v2.readSwap(POD)).isEmpty();
    write(POD.substring(1) + "/memory.swap.current", "300\n");
    write(POD.substring(1) + "/memory.swap.max", "max\n");
    assertThat(v2.readSwap(POD)).contains(new SwapUsage(300, OptionalLong.empty()));
  }

  private CgroupReader v1() throws IOException {
    write("cpuacct" + POD + "/cpuacct.usage", "123456789\n");
    write("memory" + POD + "/memory.usage_in_bytes", "10000\n");
    write("memory" + POD + "/memory.stat", """
        cache 1
        rss 2
        pgfault 3
        hierarchical_memory_limit 67108864
        total_rss 4096
        total_pgfault 77
        total_pgmajfault 5
        total_inactive_file 3000
        """);
    write("memory" + POD + "/cgroup.procs", "10\n11\n");
    write("memory" + POD + "/child/cgroup.procs", "12\n");
    write("pids" + POD + "/pids.current", "3\n");
    return CgroupReader.detect(root);
  }

  private CgroupReader v2() throws IOException {
    write("cgroup.controllers", "cpu memory pids\n");
    write(POD.substring(1) + "/cpu.stat", "usage_usec 123456\nuser_usec 100000\n");
    write(POD.substring(1) + "/memory.current", "10000\n");
    write(POD.substring(1) + "/memory.max", "max\n");
    write(
        POD.substring(1) + "/memory.stat",
        "anon 4096\nfile 5000\ninactive_file 3000\npgfault 77\npgmajfault 5\n");
    write(POD.substring(1) + "/cgroup.procs", "");
    write(POD.substring(1) + "/init/cgroup.procs", "10\n");
    write(POD.substring(1) + "/memory.pressure", """
        some avg10=1.50 avg60=0.25 avg300=0.00 total=4242
        full avg10=0.10 avg60=0.00 avg300=0.00 total=17
        """);
    return CgroupReader.detect(root);
  }

  @Test
  void version1() throws Exception {
    CgroupReader reader = v1();
    assertThat(reader.version()).isEqualTo(1);
    assertThat(reader.readCpu(POD)).isEqualTo(new CpuUsage(123456789));
    assertThat(reader.readMemory(POD))
        .isEqualTo(new MemoryUsage(10000, 7000, 4096, 77, 5, OptionalLong.of(67108864)));
    assertThat(reader.processes(POD)).containsExactlyInAnyOrder(10L, 11L, 12L);
    assertThat(reader.processCount(POD)).hasValue(3);
    assertThat(reader.pressure(POD, "memory")).isEmpty();
    assertThat(reader.pathOf(Map.of("memory", POD, "cpuacct", "/x"))).contains(POD);
  }

  @Test
  void version1WithJoinedControllersAndNoLimit() throws Exception {
    write("cpu,cpuacct/a/cpuacct.usage", "5\n");
    write("memory/a/memory.usage_in_bytes", "1\n");
    write(
        "memory/a/memory.stat",
        "hierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 10\n");
    CgroupReader reader = CgroupReader.detect(root);
    assertThat(reader.readCpu("/a")).isEqualTo(new CpuUsage(5));
    assertThat(reader.readMemory("/a").limit()).isEmpty();
    assertThat(reader.readMemory("/a").workingSet()).as("never negative").isZero();
    assertThat(reader.processCount("/a")).isEmpty();
  }

  @Test
  void version2() throws Exception {
    CgroupReader reader = v2();
    assertThat(reader.version()).isEqualTo(2);
    assertThat(reader.readCpu(POD)).isEqualTo(new CpuUsage(123456000));
    assertThat(reader.readMemory(POD))
        .isEqualTo(new MemoryUsage(10000, 7000, 4096, 77, 5, OptionalLong.empty()));
    assertThat(reader.processes(POD)).containsExactly(10L);
    assertThat(reader.pathOf(Map.of("", POD))).contains(POD);
    assertThat(reader.pathOf(Map.of("name=systemd", POD))).isEmpty();
  }

  @Test
  void version2Pressure() throws Exception {
    assertThat(v2().pressure(POD, "memory"))
        .contains(new Pressure(
            new Pressure.Stall(1.5, 0.25, 0, 4242), new Pressure.Stall(0.1, 0, 0, 17)));
    assertThat(v2().pressure(POD, "io")).isEqualTo(Optional.empty());
  }

  @Test
  void version2Limit() throws Exception {
    CgroupReader reader = v2();
    write(POD.substring(1) + "/memory.max", "8388608\n");
    assertThat(reader.readMemory(POD).limit()).hasValue(8388608);
  }

  @Test
  void aCgroupThatIsGoneIsNoSuchFile() throws Exception {
    assertThatThrownBy(() -> v1().readCpu("/gone")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> v2().readMemory("/gone")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aPathThatLeadsOutIsRefused() throws Exception {
    assertThatThrownBy(() -> v2().readCpu("/../../etc"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theMachinesOwnCanBeRead() throws Exception {
    CgroupReader reader = CgroupReader.detect();
    String own = reader.pathOf(ProcessHandle.current().pid()).orElseThrow();
    assertThat(reader.readCpu("/").nanos()).isPositive();
    assertThat(reader.readMemory(own).usage()).isPositive();
    assertThat(reader.processes(own)).contains(ProcessHandle.current().pid());
  }
}
