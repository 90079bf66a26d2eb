package dev.jubelet.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultCacheTest {
  /// As libcni 1.1 under cri-dockerd wrote it (shortened ids).
  private static final String LIBCNI = """
      {"kind":"cniCacheV1","containerId":"abc","config":"eyJuYW1lIjoibiIsInR5cGUiOiJicmlkZ2UifQ==",\
      "ifName":"eth0","networkName":"n","netns":"/proc/9/ns/net",\
      "cniArgs":[["IgnoreUnknown","1"],["K8S_POD_NAMESPACE","default"]],\
      "capabilityArgs":{"portMappings":[{"hostPort":80}]},\
      "result":{"cniVersion":"0.4.0","ips":[{"version":"4","address":"10.1.0.9/16"}]}}\
      """;

  @TempDir
  Path dir;

  @Test
  void readsWhatLibcniWrote() throws Exception {
    Path results = Files.createDirectories(dir.resolve("results"));
    Files.writeString(results.resolve("n-abc-eth0"), LIBCNI);

    CachedAttachment entry = new ResultCache(dir).of("abc").getFirst();

    assertThat(entry.network().plugins().getFirst().type()).isEqualTo("bridge");
    assertThat(entry.attachment().argsText())
        .isEqualTo("IgnoreUnknown=1;K8S_POD_NAMESPACE=default");
    assertThat(entry.attachment().capabilityArgs()).containsKey("portMappings");
    assertThat(entry.parsedResult().orElseThrow().ips().getFirst().host()).isEqualTo("10.1.0.9");
    assertThat(entry.notes()).isEmpty();
    assertThat(new String(entry.toJson(), StandardCharsets.UTF_8)).isEqualTo(LIBCNI);
  }

  @Test
  void keepsFilesPrivateAndFindsThemByContainer() throws Exception {
    ResultCache cache = new ResultCache(dir);
    cache.put(entry("abc"));
    cache.put(entry("abcd"));

    assertThat(cache.of("abc")).hasSize(1);
    assertThat(cache.all()).hasSize(2);
    Path file = dir.resolve("results/n-abc-eth0");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    cache.remove("n", entry("abc").attachment());
    assertThat(cache.of("abc")).isEmpty();
  }

  @Test
  void anUnreadableEntryIsSetAside() throws Exception {
    Path results = Files.createDirectories(dir.resolve("results"));
    ResultCache cache = new ResultCache(dir);
    cache.put(entry("abc"));
    Files.writeString(results.resolve("n-bad-eth0"), "{\"kind\":\"cniCacheV1\",");
    Files.writeString(results.resolve("n-odd-eth0"), "{\"kind\":\"other\"}");
    Files.writeString(results.resolve("n-id-eth0"), LIBCNI.replace("\"abc\"", "\"../x\""));

    assertThat(cache.all()).hasSize(1);
    assertThat(results.resolve("n-bad-eth0.broken")).exists();
    assertThat(results.resolve("n-odd-eth0.broken")).exists();
    assertThat(results.resolve("n-id-eth0.broken")).exists();
  }

  @Test
  void forbiddenNamesNeverReachAFile() {
    assertThatThrownBy(() -> new Attachment("../x", "", "eth0", Map.of(), Map.of()))
        .hasMessageContaining("container id");
    assertThatThrownBy(() -> new Attachment("c", "", "a/b", Map.of(), Map.of()))
        .hasMessageContaining("interface name");
    assertThatThrownBy(() -> new Attachment("c", "", "eth0", Map.of("A", "b;C=d"), Map.of()))
        .hasMessageContaining("CNI argument");
  }

  private static CachedAttachment entry(String id) {
    return new CachedAttachment(
        new Attachment(id, "/proc/9/ns/net", "eth0", Map.of(), Map.of()),
        "n",
        "{\"name\":\"n\",\"type\":\"bridge\"}",
        Optional.empty(),
        Map.of("owner", "me"));
  }
}
