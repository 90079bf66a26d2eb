package dev.jubelet.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfDirectoryTest {
  @TempDir
  Path dir;

  private Path conf;
  private FakePlugins plugins;
  private final AtomicInteger validations = new AtomicInteger();
  private ConfDirectory directory;

  @BeforeEach
  void setUp() throws IOException {
    conf = Files.createDirectory(dir.resolve("net.d"));
    plugins = new FakePlugins(Files.createDirectory(dir.resolve("bin"))).plugin("bridge", "");
    directory = new ConfDirectory(conf, plugins.dirs(), network -> {
      validations.incrementAndGet();
      for (NetworkConf.Plugin plugin : network.plugins()) {
        plugins.dirs().find(plugin.type());
      }
    });
  }

  @Test
  void emptyAndAbsentDirectoriesAreNamed() throws Exception {
    assertThat(directory.current()).isEmpty();
    assertThat(directory.problem()).contains("no networks found in " + conf);

    Path absent = dir.resolve("absent");
    ConfDirectory other = new ConfDirectory(absent, plugins.dirs(), network -> {});
    assertThat(other.current()).isEmpty();
    assertThat(other.problem()).contains(absent + ": it does not exist");
  }

  @Test
  void theFirstValidByNameWins() throws Exception {
    write("30-c.conf", "c", "bridge");
    write("20-b.json", "b", "bridge");
    write("10-a.conflist", "a", "missing");
    write("00-ignored.txt", "z", "bridge");
    Files.writeString(conf.resolve("05-broken.conf"), "{");

    assertThat(directory.current()).map(NetworkConf::name).contains("b");
    assertThat(directory.problem()).isEmpty();
  }

  @Test
  void aChangeCountsAtTheNextUse() throws Exception {
    assertThat(directory.current()).isEmpty();
    write("20-b.conf", "b", "bridge");
    assertThat(directory.current()).map(NetworkConf::name).contains("b");
    write("10-a.conf", "a", "bridge");
    assertThat(directory.current()).map(NetworkConf::name).contains("a");

    int before = validations.get();
    assertThat(directory.current()).map(NetworkConf::name).contains("a");
    assertThat(validations).hasValue(before);
  }

  @Test
  void theLastGoodNetworkStays() throws Exception {
    write("10-a.conf", "a", "bridge");
    assertThat(directory.current()).isPresent();

    Files.writeString(conf.resolve("10-a.conf"), "{ broken");
    assertThat(directory.current()).map(NetworkConf::name).contains("a");
    assertThat(directory.problem()).contains("10-a.conf").contains("not JSON");

    Files.delete(conf.resolve("10-a.conf"));
    assertThat(directory.current()).map(NetworkConf::name).contains("a");
  }

  @Test
  void aPluginThatArrivesLaterIsNoticed() throws Exception {
    write("10-a.conf", "a", "late");
    assertThat(directory.current()).isEmpty();
    assertThat(directory.problem()).contains("failed to find plugin \"late\" in path");

    plugins.plugin("late", "");

    assertThat(directory.current()).map(NetworkConf::name).contains("a");
  }

  private void write(String file, String name, String type) throws IOException {
    Files.writeString(
        conf.resolve(file), "{\"name\":\"%s\",\"type\":\"%s\"}".formatted(name, type));
  }
}
