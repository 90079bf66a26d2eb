package dev.jubelet.dockershim.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.DNSConfig;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
  @TempDir
  Path dir;

  @Test
  void oneLineForEachKind() {
    assertThat(ResolvConf.text(DNSConfig.newBuilder()
            .addServers("10.0.0.1")
            .addServers("::1")
            .addSearches("a")
            .addSearches("b")
            .addOptions("ndots:5")
            .build()))
        .isEqualTo("nameserver 10.0.0.1\nnameserver ::1\nsearch a b\noptions ndots:5\n");
    assertThat(ResolvConf.text(DNSConfig.getDefaultInstance())).isEmpty();
  }

  @Test
  void aWordCannotBecomeALine() {
    assertThatThrownBy(() -> ResolvConf.text(
            DNSConfig.newBuilder().addSearches("a\nnameserver x").build()))
        .hasMessageContaining("dns_config");
  }

  @Test
  void isWrittenInPlace() throws Exception {
    Path file = Files.writeString(dir.resolve("resolv.conf"), "a long text from Docker\n");
    Object inode = Files.getAttribute(file, "unix:ino");
    ResolvConf.write(file, "short\n");
    assertThat(file).hasContent("short\n");
    assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(inode);
    assertThatThrownBy(() -> ResolvConf.write(dir.resolve("none"), "x"))
        .isInstanceOf(NoSuchFileException.class);
  }
}
