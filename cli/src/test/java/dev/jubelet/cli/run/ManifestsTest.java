package dev.jubelet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cli.Failure;
import dev.jubelet.trace.local.v1.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestsTest {
  private static final String POD = """
      apiVersion: v1
      kind: Pod
      metadata: {name: %s}
      spec:
        containers: [{name: main, image: busybox}]
      """;

  @TempDir
  Path directory;

  @Test
  void aDirectoryGivesItsManifestsByName() throws Exception {
    write("b.yaml", POD.formatted("b"));
    write(
        "a.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},"
            + "\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"x\"}]}}");
    write("notes.txt", "not a pod");
    assertThat(Manifests.read(List.of(directory.toString())))
        .extracting(Manifest::getOrigin)
        .containsExactly(
            directory.resolve("a.json").toString(), directory.resolve("b.yaml").toString());
  }

  @Test
  void everyProblemIsToldWithFileAndDocument() throws Exception {
    write("x.yaml", POD.formatted("ok") + "---\napiVersion: v1\nkind: Service\n");
    write("y.yaml", POD.formatted("typo").replace("image:", "imagee:"));
    assertThatThrownBy(() -> Manifests.read(List.of(directory.toString())))
        .isInstanceOfSatisfying(Failure.class, failure -> {
          assertThat(failure.exitCode()).isEqualTo(Failure.USAGE);
          assertThat(failure.text())
              .contains("x.yaml#2", "Service", "y.yaml (pod default/typo)", "imagee");
        });
  }

  @Test
  void whatIsNotThereOrEmptyOrNoTextIsNamed() throws Exception {
    assertThatThrownBy(() -> Manifests.read(List.of("/nowhere.yaml")))
        .hasMessage("/nowhere.yaml does not exist");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThatThrownBy(() -> Manifests.read(List.of(empty.toString())))
        .hasMessageContaining("there is no pod in " + empty);
    Path binary = Files.write(directory.resolve("b.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> Manifests.read(List.of(binary.toString())))
        .hasMessageContaining("is not UTF-8");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }
}
