package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StubResolverTest {
  @TempDir
  Path dir;

  @Test
  void theStubIsReplacedByWhatIsBehindIt() throws Exception {
    Path upstream = dir.resolve("resolv.conf");
    Files.writeString(upstream, "# x\nnameserver 10.0.0.1\n nameserver\t10.0.0.2 \nsearch lan\n");
    StubResolver resolver = new StubResolver(upstream);

    assertThat(resolver.follow(List.of("127.0.0.53", "8.8.8.8", "10.0.0.1")))
        .containsExactly("10.0.0.1", "10.0.0.2", "8.8.8.8");
    assertThat(resolver.follow(List.of("8.8.8.8", "127.0.0.1")))
        .containsExactly("8.8.8.8", "127.0.0.1");
  }

  @Test
  void withoutResolvedNothingChanges() throws Exception {
    assertThat(new StubResolver(dir.resolve("absent")).follow(List.of("127.0.0.53")))
        .containsExactly("127.0.0.53");
  }
}
