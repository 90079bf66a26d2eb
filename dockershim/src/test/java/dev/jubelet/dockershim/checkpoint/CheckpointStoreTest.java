package dev.jubelet.dockershim.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.dockershim.checkpoint.SandboxCheckpoint.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  private static final SandboxCheckpoint CHECKPOINT =
      new SandboxCheckpoint("web", "default", "u1", List.of(new Port("tcp", 80, 12000, "")), false);

  @TempDir
  Path root;

  private CheckpointStore store;

  @BeforeEach
  void open() throws IOException {
    store = new CheckpointStore(root.resolve("sandbox"));
  }

  @Test
  void comesBackAsWritten() throws IOException {
    store.write("abc", CHECKPOINT);
    assertThat(store.read("abc")).contains(CHECKPOINT);
    assertThat(store.ids()).containsExactly("abc");
    assertThat(Files.getPosixFilePermissions(root.resolve("sandbox/abc")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    store.remove("abc");
    store.remove("abc");
    assertThat(store.read("abc")).isEmpty();
  }

  @Test
  void isWhatCriDockerdReads() throws IOException {
    store.write("abc", CHECKPOINT);
    assertThat(Files.readString(root.resolve("sandbox/abc")))
        .startsWith("{\"version\":\"v1\",\"name\":\"web\",\"namespace\":\"default\",\"data\":"
            + "{\"port_mappings\":[{\"protocol\":\"tcp\",\"container_port\":80,"
            + "\"host_port\":12000,\"host_ip\":\"\"}]},\"checksum\":");
  }

  @Test
  void theOriginalsCheckpointsAreRead() throws IOException {
    String criDockerd =
        "{\"version\":\"v1\",\"name\":\"p\",\"namespace\":\"n\",\"data\":{\"host_network\":true},"
            + "\"checksum\":12315789}";
    String dockershim = criDockerd.replace("12315789", "996107268");
    put("c", criDockerd);
    put("d", dockershim);
    assertThat(store.read("c"))
        .contains(new SandboxCheckpoint("p", "n", "", List.of(), true))
        .isEqualTo(store.read("d"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "{\"version\":\"v2\"}",
        "{\"version\":\"v1\",\"name\":\"p\",\"namespace\":\"n\",\"data\":null,\"checksum\":1}",
        "{\"version\":\"v1\",\"name\":\"p\",\"namespace\":\"n\",\"data\":{\"host_network\":false},"
            + "\"checksum\":12315789}"
      })
  void aCorruptOneIsSetAside(String text) throws IOException {
    put("abc", text);
    assertThat(store.read("abc")).isEmpty();
    assertThat(store.ids()).isEmpty();
    assertThat(root.resolve("sandbox/.corrupt-abc")).exists();
  }

  @Test
  void aFlippedNameIsNoticed() throws IOException {
    store.write("abc", CHECKPOINT);
    Path file = root.resolve("sandbox/abc");
    Files.writeString(file, Files.readString(file).replace("\"web\"", "\"wax\""));
    assertThat(store.read("abc")).isEmpty();
  }

  @Test
  void aSymlinkIsNotFollowed() throws IOException {
    Path target = Files.writeString(root.resolve("target"), "secret");
    Files.createSymbolicLink(root.resolve("sandbox/abc"), target);
    assertThat(store.read("abc")).isEmpty();
    assertThat(target).hasContent("secret");
  }

  @Test
  void keysCannotLeaveTheDirectory() throws IOException {
    assertThatThrownBy(() -> store.write("../x", CHECKPOINT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("invalid key");
    assertThat(store.read("../x")).isEmpty();
    store.remove("../x");
  }

  private void put(String id, String text) throws IOException {
    Files.writeString(root.resolve("sandbox").resolve(id), text);
  }
}
