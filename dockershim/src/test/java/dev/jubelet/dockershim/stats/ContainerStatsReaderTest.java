package dev.jubelet.dockershim.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jubelet.cri.v1.ContainerStats;
import dev.jubelet.linux.cgroup.CgroupReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerStatsReaderTest {
  private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
  private static final long PID = 4242;

  @TempDir
  Path root;

  private Instant now = START;
  private ContainerStatsReader reader;

  private final Clock clock = new Clock() {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  };

  @BeforeEach
  void prepare() throws Exception {
    write("cgroup.controllers", "cpu memory\n");
    write("pod/c/memory.current", "10000\n");
    write("pod/c/memory.max", "20000\n");
    write("pod/c/memory.stat", "anon 4096\ninactive_file 3000\npgfault 7\npgmajfault 2\n");
    write(
        "pod/c/cpu.pressure",
        "some avg10=1.00 avg60=2.00 avg300=3.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00"
            + " total=0\n");
    cpu(1_000_000);
    reader = new ContainerStatsReader(
        CgroupReader.detect(root),
        pid -> pid == PID ? Optional.of("/pod/c") : Optional.empty(),
        new WritableLayers(pid -> Optional.of(root.resolve("upper")), clock),
        clock);
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(root.resolve("pod/c"));
    Files.writeString(file, text);
  }

  private void cpu(long micros) throws IOException {
    write("pod/c/cpu.stat", "usage_usec " + micros + "\n");
  }

  private ContainerStats read() {
    ContainerStats.Builder stats = ContainerStats.newBuilder();
    reader.fill("c", PID, stats);
    return stats.build();
  }

  @Test
  void readsMemoryWithoutTheInactiveCache() {
    var memory = read().getMemory();
    assertThat(memory.getUsageBytes().getValue()).isEqualTo(10000);
    assertThat(memory.getWorkingSetBytes().getValue()).isEqualTo(7000);
    assertThat(memory.getAvailableBytes().getValue()).isEqualTo(13000);
    assertThat(memory.getRssBytes().getValue()).isEqualTo(4096);
    assertThat(memory.getPageFaults().getValue()).isEqualTo(7);
    assertThat(memory.getMajorPageFaults().getValue()).isEqualTo(2);
    assertThat(memory.getTimestamp()).isEqualTo(START.getEpochSecond() * 1_000_000_000);
  }

  @Test
  void withoutALimitNothingIsSaidToBeAvailable() throws Exception {
    write("pod/c/memory.max", "max\n");
    assertThat(read().getMemory().hasAvailableBytes()).isFalse();
  }

  @Test
  void theRateComesWithTheSecondLook() throws Exception {
    assertThat(read().getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(1_000_000_000);
    assertThat(read().getCpu().hasUsageNanoCores()).isFalse();
    now = now.plusSeconds(10);
    cpu(6_000_000);
    assertThat(read().getCpu().getUsageNanoCores().getValue()).isEqualTo(500_000_000);
    now = now.plus(Duration.ofMillis(1)); // another caller: the same rate, no wild one
    cpu(6_001_000);
    assertThat(read().getCpu().getUsageNanoCores().getValue()).isEqualTo(500_000_000);
  }

  @Test
  void aRestartedCounterGivesNoRate() throws Exception {
    read();
    now = now.plusSeconds(10);
    cpu(10);
    assertThat(read().getCpu().hasUsageNanoCores()).isFalse();
  }

  @Test
  void aClockThatIsSetBackBeginsAnew() throws Exception {
    read();
    now = now.minus(Duration.ofHours(1));
    cpu(6_000_000);
    assertThat(read().getCpu().hasUsageNanoCores()).isFalse();
    now = now.plusSeconds(10);
    cpu(11_000_000);
    assertThat(read().getCpu().getUsageNanoCores().getValue()).isEqualTo(500_000_000);
  }

  @Test
  void pressureIsInNanoseconds() {
    var psi = read().getCpu().getPsi();
    assertThat(psi.getSome().getTotal()).isEqualTo(5000);
    assertThat(psi.getSome().getAvg60()).isEqualTo(2);
    assertThat(read().getMemory().hasPsi()).isFalse();
  }

  @Test
  void swapIsToldWithWhatIsLeftOfIt() throws Exception {
    assertThat(read().hasSwap()).isFalse();
    write("pod/c/memory.swap.current", "300\n");
    write("pod/c/memory.swap.max", "1000\n");
    assertThat(read().getSwap().getSwapUsageBytes().getValue()).isEqualTo(300);
    assertThat(read().getSwap().getSwapAvailableBytes().getValue()).isEqualTo(700);
  }

  @Test
  void theWritableLayerIsCountedBehind() throws Exception {
    Files.createDirectories(root.resolve("upper/etc"));
    Files.writeString(root.resolve("upper/etc/hosts"), "12345");
    Files.writeString(root.resolve("upper/data"), "1234567890");
    assertThat(read().hasWritableLayer()).as("not counted yet").isFalse();
    await().until(() -> read().hasWritableLayer());
    var layer = read().getWritableLayer();
    assertThat(layer.getUsedBytes().getValue()).isEqualTo(15);
    assertThat(layer.getInodesUsed().getValue()).isEqualTo(4);
    assertThat(layer.getFsId().getMountpoint()).startsWith("/");
    Files.writeString(root.resolve("upper/data"), "");
    now = now.plus(Duration.ofMinutes(2));
    await().until(() -> read().getWritableLayer().getUsedBytes().getValue() == 5);
  }

  @Test
  void ioHasItsPressure() throws Exception {
    assertThat(read().hasIo()).isFalse();
    write("pod/c/io.pressure", """
        some avg10=1.00 avg60=2.00 avg300=3.00 total=5
        full avg10=0.00 avg60=0.00 avg300=0.00 total=7
        """);
    assertThat(read().getIo().getPsi().getFull().getTotal()).isEqualTo(7000);
  }

  @Test
  void whatCannotBeReadStaysUnset() throws Exception {
    ContainerStats.Builder stats = ContainerStats.newBuilder();
    reader.fill("gone", PID + 1, stats);
    reader.fill("never ran", 0, stats);
    Files.delete(root.resolve("pod/c/cpu.stat"));
    reader.fill("c", PID, stats);
    assertThat(stats.build()).isEqualTo(ContainerStats.getDefaultInstance());
  }
}
