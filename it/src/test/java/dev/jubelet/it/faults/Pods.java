package dev.jubelet.it.faults;

import dev.jubelet.it.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Manifests of small pods, and what a node keeps of its pods.
final class Pods {
  private Pods() {}

  /// One container `main` that lives until it is told to end, and then ends at once.
  static String sleeper(String name) {
    return of(name, "containers: [" + sleeping("main") + "]");
  }

  /// A container that waits for SIGTERM.
  static String sleeping(String container) {
    return """
    {name: %s, image: "%s", command: [/bin/sh, -c, "trap 'exit 0' TERM; sleep 100000 & wait"]}""".formatted(container, OwnEngine.IMAGE);
  }

  /// @param spec the lines below `spec`
  static String of(String name, String spec) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      terminationGracePeriodSeconds: 0
    %s""".formatted(name, spec.indent(2));
  }

  /// `prefix0`, `prefix1`…, each a [#sleeper(String)].
  static List<String> put(Node node, String prefix, int count) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = prefix + i;
      node.put(name, sleeper(name));
      names.add(name);
    }
    return names;
  }

  /// UIDs of pods that have a directory.
  static Set<String> directories(Node node) {
    Path pods = node.root().resolve("pods");
    try (Stream<Path> list = Files.list(pods)) {
      Set<String> names = new TreeSet<>();
      list.forEach(path -> names.add(path.getFileName().toString()));
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
