package dev.jubelet.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLookTest {
  private static final String OWNER = "11111111-2222-3333-4444-555555555555";

  @TempDir
  Path dir;

  private Place place;

  @BeforeEach
  void prepare() throws Exception {
    place = new Place(dir.resolve("root"), dir.resolve("shim"), dir.resolve("log/pods"));
    Files.createDirectories(place.checkpoints());
    Files.createDirectories(place.logCheckpoints());
    Files.writeString(place.owner(), OWNER + "\n");
  }

  @Test
  void aPlaceWhereNothingLies() throws Exception {
    Home home = HomeLook.at(place);
    assertThat(home.owner()).isEqualTo(OWNER);
    assertThat(home.pods()).isEmpty();
    assertThat(home.podLogs()).isEmpty();
    assertThat(home.checkpoints()).isEmpty();
  }

  @Test
  void filesAreReadByTheirNames() throws Exception {
    Files.createDirectories(place.pods().resolve("uid-1"));
    Files.createDirectories(place.podLogs().resolve("default_p_uid-1/main"));
    Path links = Files.createDirectories(place.links());
    Path link = Files.createSymbolicLink(
        links.resolve("p_default_main-1.log"),
        place.podLogs().resolve("default_p_uid-1/main/0.log"));
    Files.createSymbolicLink(links.resolve("other.log"), Path.of("/elsewhere/0.log"));
    Path good = Files.createFile(place.checkpoints().resolve("abc"));
    Path aside = Files.createFile(place.checkpoints().resolve(".corrupt-def"));
    Path log = Files.createFile(place.logCheckpoints().resolve("123.log-checkpoint"));
    Path corrupt = Files.createFile(place.logCheckpoints().resolve("456.log-checkpoint.corrupt"));
    Path half = Files.createFile(place.shim().resolve(".engine.json.999999999-1.tmp"));
    long self = ProcessHandle.current().pid();
    Files.createFile(place.checkpoints().resolve(".ghi." + self + "-1.tmp"));
    Home home = HomeLook.at(place);
    assertThat(home.hasPod("uid-1")).isTrue();
    assertThat(home.podLogs()).containsExactly("default_p_uid-1");
    assertThat(home.links()).isEqualTo(Map.of(link, "default_p_uid-1"));
    assertThat(home.checkpoints()).isEqualTo(Map.of(good, "abc", aside, "def"));
    assertThat(home.logCheckpoints()).isEqualTo(Map.of(log, "123", corrupt, "456"));
    assertThat(home.begun()).as("no agent lives").isEmpty();
    assertThat(home.halfWritten()).isEqualTo(Set.of(half));
  }
}
