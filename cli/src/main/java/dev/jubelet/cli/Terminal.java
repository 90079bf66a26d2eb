package dev.jubelet.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The terminal that we may be on.
public final class Terminal {
  private Terminal() {}

  /// Whether what we write to this descriptor (1 or 2) is seen by a person.
  public static boolean shows(int descriptor) {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      String target =
          Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /// Columns of the terminal; `otherwise` when stdout is none.
  public static int width(int otherwise) {
    return shows(1) ? size(1, 80) : otherwise;
  }

  /// Rows of the terminal.
  public static int rows() {
    return size(0, 24);
  }

  /// `stty size` answers rows and columns.
  private static int size(int index, int otherwise) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String answer = new String(stty.getInputStream().readNBytes(64), StandardCharsets.US_ASCII);
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
        return otherwise;
      }
      String[] words = answer.strip().split(" ");
      int size = words.length == 2 ? Integer.parseInt(words[index]) : 0;
      return size > 0 ? size : otherwise;
    } catch (IOException | NumberFormatException e) {
      return otherwise;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return otherwise;
    }
  }
}
