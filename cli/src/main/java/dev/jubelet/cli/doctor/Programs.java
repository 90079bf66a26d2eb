package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Facts.Rival;
import dev.jubelet.linux.ProcFs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The programs that run here, by their command lines.
final class Programs {
  private static final Set<String> SERVE_PODS =
      Set.of("kubelet", "cri-dockerd", "dockershim", "hyperkube", "k3s", "k3s-server", "k0s");
  private static final String ENDPOINT = "--container-runtime-endpoint";

  private Programs() {}

  /// Empty when it is gone.
  static List<String> commandLine(long pid) {
    try {
      String text = Files.readString(
          Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
      return text.isEmpty() ? List.of() : Arrays.asList(text.split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<Rival> rivals() throws IOException {
    List<Rival> rivals = new ArrayList<>();
    for (long pid : ProcFs.pids()) {
      rival(pid, commandLine(pid)).ifPresent(rivals::add);
    }
    return rivals;
  }

  static Optional<Rival> rival(long pid, List<String> words) {
    if (words.isEmpty()) {
      return Optional.empty();
    }
    String program = words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1);
    if (!SERVE_PODS.contains(program)) {
      return Optional.empty();
    }
    String runtime = "";
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i).startsWith(ENDPOINT + "=")) {
        runtime = words.get(i).substring(ENDPOINT.length() + 1);
      } else if (words.get(i).equals(ENDPOINT) && i + 1 < words.size()) {
        runtime = words.get(i + 1);
      }
    }
    return Optional.of(new Rival(pid, program, runtime));
  }

  /// Those that clean an engine.
  static List<String> cleaners() throws IOException {
    List<String> found = new ArrayList<>();
    for (long pid : ProcFs.pids()) {
      List<String> words = commandLine(pid);
      if (Cleaners.cleans(String.join(" ", words))) {
        found.add("process " + pid + " (" + words.getFirst() + ")");
      }
    }
    return found;
  }
}
