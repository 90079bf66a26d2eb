package dev.jubelet.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/// The tests' own dockerd, started by `src/test/namespaces/bin/java` in the namespaces of this JVM.
public final class Engine {
  static {
    // Of waits that name no time. A machine that is busy with something else is slow, not wrong.
    Awaitility.setDefaultTimeout(Duration.ofSeconds(90));
  }

  private Engine() {}

  /// Its socket. Fails, never skips, when the tests were started outside of the namespaces.
  public static Path socket() {
    return existing("jubelet.it.engine");
  }

  /// The program that serves it.
  public static Path dockerd() {
    return existing("jubelet.it.dockerd");
  }

  /// The scratch directory of this run; removed at its end.
  public static Path work() {
    return existing("jubelet.it.work");
  }

  /// The top of the checkout.
  public static Path top() {
    return existing("jubelet.it.top");
  }

  /// A peer that `./jubelet test` built: `jubelet.crictl`, `jubelet.cni191`, `jubelet.kubelet`,
  /// `jubelet.criDockerd`, `jubelet.alphaClient`, `jubelet.critest`, `jubelet.nonewprivs`,
  /// `jubelet.docker29` (its dockerd).
  public static Path peer(String property) {
    return existing(property);
  }

  private static Path existing(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException(
          property + " is not set: run the integration tests with ./jubelet test");
    }
    Path path = Path.of(value);
    if (!Files.exists(path)) {
      throw new IllegalStateException(path + " (" + property + ") is not there");
    }
    return path;
  }
}
