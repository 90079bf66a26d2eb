package dev.jubelet.cli.run;

import dev.jubelet.cli.Failure;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.yaml.BoundedYaml;
import dev.jubelet.kubelet.yaml.YamlException;
import dev.jubelet.trace.local.v1.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The manifests of a command line: files, directories (their *.yaml, *.yml and *.json by name) and
/// `-` for standard input.
final class Manifests {
  private Manifests() {}

  /// Reads and checks them all; nothing is handed over when one is wrong.
  static List<Manifest> read(List<String> places) throws Failure {
    List<Manifest> manifests = new ArrayList<>();
    for (String place : places) {
      manifests.addAll(read(place));
    }
    List<String> problems = new ArrayList<>();
    int pods = 0;
    for (Manifest manifest : manifests) {
      pods += check(manifest, problems);
    }
    if (problems.isEmpty() && pods == 0) {
      problems.add("there is no pod in " + String.join(", ", places));
    }
    if (!problems.isEmpty()) {
      throw Failure.usage(String.join("\n", problems));
    }
    return manifests;
  }

  private static List<Manifest> read(String place) throws Failure {
    try {
      if (place.equals("-")) {
        return List.of(manifest("-", System.in));
      }
      Path path = Path.of(place);
      if (!Files.exists(path)) {
        throw Failure.usage(place + " does not exist");
      }
      List<Manifest> manifests = new ArrayList<>();
      for (Path file : Files.isDirectory(path) ? filesOf(path) : List.of(path)) {
        try (InputStream in = Files.newInputStream(file)) {
          manifests.add(manifest(file.toString(), in));
        }
      }
      return manifests;
    } catch (IOException e) {
      throw Failure.usage(place + " cannot be read: " + e.getMessage());
    }
  }

  private static List<Path> filesOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(yaml|yml|json)"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static Manifest manifest(String origin, InputStream in) throws IOException, Failure {
    byte[] bytes = in.readNBytes(BoundedYaml.MAX_BYTES + 1);
    if (bytes.length > BoundedYaml.MAX_BYTES) {
      throw Failure.usage(
          "%s is larger than %d MiB, split it".formatted(origin, BoundedYaml.MAX_BYTES >> 20));
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Manifest.newBuilder().setOrigin(origin).setText(text).build();
    } catch (CharacterCodingException e) {
      throw Failure.usage(origin + " is not UTF-8 text, save it as such");
    }
  }

  /// How many pods there are; adds what is wrong with them.
  private static int check(Manifest manifest, List<String> problems) {
    StaticPods pods = new StaticPods("run", "localhost", List.of(), InstantSource.system());
    try {
      List<StaticPods.Taken> taken =
          pods.take(manifest.getText().getBytes(StandardCharsets.UTF_8), "run");
      for (StaticPods.Taken one : taken) {
        if (one instanceof StaticPods.Taken.Refused refused) {
          String where = manifest.getOrigin() + (taken.size() > 1 ? "#" + refused.document() : "");
          String pod = refused.pod().isEmpty() ? "" : " (pod " + refused.pod() + ")";
          refused.problems().forEach(p -> problems.add(where + pod + ": " + p));
        }
      }
      return taken.size();
    } catch (YamlException e) {
      problems.add(manifest.getOrigin() + ": " + e.getMessage());
      return 0;
    }
  }
}
