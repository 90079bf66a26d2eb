package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.DNSConfig;
import dev.jubelet.linux.KernelCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// A pod's resolv.conf: Docker writes the sandbox's at start, it is overwritten in place, since it
/// is mounted by inode into every container of the pod.
final class ResolvConf {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private ResolvConf() {}

  /// Empty when the config says nothing, so that Docker's stays.
  ///
  /// @throws IllegalArgumentException when a word would become another line
  static String text(DNSConfig dns) {
    Stream.of(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList())
        .flatMap(List::stream)
        .filter(word -> word.isEmpty() || word.chars().anyMatch(c -> c <= ' '))
        .findFirst()
        .ifPresent(word -> {
          throw new IllegalArgumentException("dns_config: \"" + word + "\" must be one word");
        });
    StringBuilder text = new StringBuilder();
    dns.getServersList().forEach(s -> text.append("nameserver ").append(s).append('\n'));
    line(text, "search", dns.getSearchesList());
    line(text, "options", dns.getOptionsList());
    return text.toString();
  }

  private static void line(StringBuilder text, String word, List<String> values) {
    if (!values.isEmpty()) {
      text.append(word).append(' ').append(String.join(" ", values)).append('\n');
    }
  }

  /// Overwrites the file; it must exist.
  static void write(Path file, String text) throws IOException {
    KernelCalls.call(
        "write " + file,
        DEADLINE,
        () -> Files.write(
            file,
            text.getBytes(StandardCharsets.UTF_8),
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING));
  }
}
