package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.io.JsonStringEncoder;

/// The value of the annotation `io.kubernetes.container.hash`, equal to that of a Go kubelet since
/// 1.31, so that containers can be handed over in both directions.
///
/// It is FNV-1a (32 bits) over Go's spew dump of the bytes of `{"image":…,"name":…}`, in hex
/// without padding (upstream: `HashContainer` in `pkg/kubelet/container/helpers.go`,
/// `DeepHashObject` in `pkg/util/hash`). So only an edit of name or image restarts a container.
public final class ContainerHash {
  private static final int OFFSET = 0x811c9dc5;
  private static final int PRIME = 0x01000193;

  private ContainerHash() {}

  public static String of(Container container) {
    return of(container.getName(), container.getImage());
  }

  public static String of(String name, String image) {
    String json = "{\"image\":\"" + goEscaped(image) + "\",\"name\":\"" + goEscaped(name) + "\"}";
    StringBuilder dump = new StringBuilder("([]uint8)[");
    String separator = "";
    for (byte b : json.getBytes(StandardCharsets.UTF_8)) {
      dump.append(separator).append(b & 0xff);
      separator = " ";
    }
    return Integer.toHexString(fnv1a(dump.append(']')));
  }

  private static int fnv1a(CharSequence ascii) {
    int hash = OFFSET;
    for (int i = 0; i < ascii.length(); i++) {
      hash = (hash ^ ascii.charAt(i)) * PRIME;
    }
    return hash;
  }

  /// Go's encoder escapes what HTML would take for markup.
  private static String goEscaped(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsCharArray(text))
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026");
  }
}
