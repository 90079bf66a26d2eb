package dev.jubelet.dockershim.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// systemd-resolved listens on 127.0.0.53 and 127.0.0.54 of the host, which a pod with a network of
/// its own cannot reach: its resolv.conf gets the servers that resolved itself asks.
public final class StubResolver {
  private static final Set<String> STUBS = Set.of("127.0.0.53", "127.0.0.54");

  private final Path upstream;

  public StubResolver() {
    this(Path.of("/run/systemd/resolve/resolv.conf"));
  }

  StubResolver(Path upstream) {
    this.upstream = upstream;
  }

  /// The servers with each stub replaced by those behind it; unchanged when they are not known.
  public List<String> follow(List<String> servers) throws IOException {
    if (servers.stream().noneMatch(STUBS::contains) || !Files.exists(upstream)) {
      return servers;
    }
    List<String> behind = nameservers(Files.readAllLines(upstream));
    if (behind.isEmpty()) {
      return servers;
    }
    Set<String> followed = new LinkedHashSet<>();
    for (String server : servers) {
      followed.addAll(STUBS.contains(server) ? behind : List.of(server));
    }
    return List.copyOf(followed);
  }

  private static List<String> nameservers(List<String> lines) {
    List<String> servers = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 1 && words[0].equals("nameserver") && !STUBS.contains(words[1])) {
        servers.add(words[1]);
      }
    }
    return servers;
  }
}
