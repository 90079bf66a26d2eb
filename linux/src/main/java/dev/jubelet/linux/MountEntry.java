package dev.jubelet.linux;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One line of `/proc/<pid>/mountinfo` (proc(5)).
///
/// @param root the part of the file system that is mounted, `/` for all of it
/// @param options of the mount itself: `rw`, `nosuid`, …
/// @param propagation `shared:1`, `master:2`; empty for a private mount
/// @param superOptions of the file system
public record MountEntry(
    int id,
    int parent,
    String device,
    String root,
    Path target,
    List<String> options,
    List<String> propagation,
    String fsType,
    String source,
    List<String> superOptions) {
  public MountEntry {
    options = List.copyOf(options);
    propagation = List.copyOf(propagation);
    superOptions = List.copyOf(superOptions);
  }

  public boolean shared() {
    return propagation.stream().anyMatch(p -> p.startsWith("shared:"));
  }

  /// Reads a line; empty when it has another form.
  static Optional<MountEntry> parse(String line) {
    String[] fields = line.split(" ");
    int dash = List.of(fields).indexOf("-");
    if (dash < 6 || fields.length < dash + 4) {
      return Optional.empty();
    }
    return Optional.of(new MountEntry(
        Integer.parseInt(fields[0]),
        Integer.parseInt(fields[1]),
        fields[2],
        unescape(fields[3]),
        Path.of(unescape(fields[4])),
        List.of(fields[5].split(",")),
        List.of(fields).subList(6, dash),
        fields[dash + 1],
        unescape(fields[dash + 2]),
        List.of(fields[dash + 3].split(","))));
  }

  // space, tab, newline and backslash are written as \ooo
  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '\\' && i + 3 < in.length) {
        out.write(((in[i + 1] - '0') << 6) | ((in[i + 2] - '0') << 3) | (in[i + 3] - '0'));
        i += 3;
      } else {
        out.write(in[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
