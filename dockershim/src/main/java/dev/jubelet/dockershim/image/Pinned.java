package dev.jubelet.dockershim.image;

import java.util.Collection;
import java.util.function.Supplier;

/// Whether an image must survive the kubelet's image garbage collection: the sandbox image does.
///
/// @param sandboxImage its reference as configured or built in
public record Pinned(Supplier<String> sandboxImage) {

  boolean holds(String id, Collection<String> names) {
    String pinned = sandboxImage.get();
    return id.equals(pinned) || names.stream().anyMatch(name -> same(name, pinned));
  }

  private static boolean same(String name, String pinned) {
    return normal(name).equals(normal(pinned));
  }

  /// Docker shortens `docker.io/library/pause:3` to `pause:3`.
  private static String normal(String name) {
    String text = name;
    for (String prefix : new String[] {"docker.io/", "index.docker.io/", "library/"}) {
      text = text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }
    boolean tagged = text.contains("@") || text.lastIndexOf(':') > text.lastIndexOf('/');
    return tagged ? text : text + ":latest";
  }
}
