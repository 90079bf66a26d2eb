package dev.jubelet.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.jubelet.cri.v1.AuthConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerCredentialsTest {
  @TempDir
  Path directory;

  @ParameterizedTest(name = "{0} for {1}")
  @CsvSource({
    "docker.io, busybox, true",
    "https://index.docker.io/v1/, me/app, true",
    "https://index.docker.io/v1/, quay.io/me/app, false",
    "quay.io, quay.io/me/app, true",
    "https://quay.io/v2/, quay.io/me/app, true",
    "quay.io/me, quay.io/me/app, true",
    "quay.io/me/app, quay.io/me/app:1, true",
    "quay.io/m, quay.io/me/app, false",
    "r.example:5000, r.example:5000/a, true",
    "r.example, r.example:5000/a, false",
    "*.example, r.example/a, true",
    "*.example, a.b.example/a, false",
    "r*.example, r12.example/a, true",
    ".example, r.example/a, false"
  })
  void keysMatchHostAndPath(String key, String image, boolean matches) {
    assertThat(new RegistryPattern(key).matches(ImageName.parse(image))).isEqualTo(matches);
  }

  @Test
  void narrowestEntryFirstAndDuplicatesOnce() throws Exception {
    // base64 of u1:p1 and u2:p:2
    Path first = write("config.json", """
        {"auths": {
          "quay.io": {"auth": "dTE6cDE="},
          "quay.io/me": {"auth": "dTI6cDoy"},
          "other.io": {"auth": "dTE6cDE="}}}
        """);
    Path legacy = write(".dockercfg", "{\"quay.io\": {\"auth\": \"dTE6cDE=\", \"email\": \"x\"}}");
    assertThat(matching("quay.io/me/app", first, legacy, directory.resolve("none")))
        .extracting(AuthConfig::getUsername, AuthConfig::getPassword)
        .containsExactly(tuple("u2", "p:2"), tuple("u1", "p1"));
  }

  @Test
  void tokensAreHandedOn() throws Exception {
    Path file = write(
        "config.json",
        "{\"auths\": {\"quay.io\": {\"identitytoken\": \"t\"}, \"q.io\": {\"registrytoken\":"
            + " \"r\"}, \"e.io\": {}}}");
    assertThat(matching("quay.io/a", file))
        .extracting(AuthConfig::getIdentityToken)
        .containsExactly("t");
    assertThat(matching("q.io/a", file))
        .extracting(AuthConfig::getRegistryToken)
        .containsExactly("r");
    assertThat(matching("e.io/a", file)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      not json
      []
      {"auths": {"quay.io": {"auth": "%%%"}}}
      {"auths": {"quay.io": {"auth": "bm9jb2xvbg=="}}}
      {"auths": {"quay.io": 7}}
      {"auths": null}
      {"credHelpers": {"quay.io": "../../bin/sh"}}
      {"credHelpers": {"quay.io": "no-such-helper-anywhere"}}
      """)
  void brokenFilesGiveNothingAndHarmNothing(String text) throws Exception {
    Path good = write("good.json", "{\"auths\": {\"quay.io\": {\"auth\": \"dTE6cDE=\"}}}");
    assertThat(matching("quay.io/a", write("config.json", text), good))
        .extracting(AuthConfig::getUsername)
        .containsExactly("u1");
  }

  @ParameterizedTest(name = "{0} for {1}")
  @CsvSource(delimiter = '|', textBlock = """
      {"credHelpers": {"quay.io": "x"}}                   | quay.io/a | quay.io
      {"credsStore": "x"}                                 | busybox   | https://index.docker.io/v1/
      {"credHelpers": {"quay.io": "gone"}, "credsStore": "x"} | quay.io/a | none
      {"credHelpers": {"quay.io": "x"}}                   | r.io/a    | none
      {"credsStore": "fails"}                             | r.io/a    | none
      """)
  void helpersAreAskedOnStdin(String config, String image, String asked) throws Exception {
    script("docker-credential-x", "read s; echo '{\"Username\":\"u\",\"Secret\":\"'$s'\"}'");
    script("docker-credential-fails", "echo credentials not found; exit 1");
    var credentials = new DockerCredentials(
        List.of(write("config.json", config)), Map.of("PATH", directory + ":/bin:/usr/bin"));
    assertThat(credentials.matching(ImageName.parse(image)))
        .extracting(AuthConfig::getPassword)
        .isEqualTo(asked.equals("none") ? List.of() : List.of(asked));
  }

  private void script(String name, String body) throws IOException {
    Path file = write(name, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private List<AuthConfig> matching(String image, Path... files) throws InterruptedException {
    return new DockerCredentials(List.of(files)).matching(ImageName.parse(image));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }
}
