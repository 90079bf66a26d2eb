package dev.jubelet.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageNameTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      busybox                   | docker.io           | library/busybox | busybox:latest
      busybox:1                 | docker.io           | library/busybox | busybox:1
      me/app                    | docker.io           | me/app          | me/app:latest
      index.docker.io/me/app:v  | docker.io           | me/app          | index.docker.io/me/app:v
      localhost/x               | localhost           | x               | localhost/x:latest
      localhost:5000/a/b__c:1.0 | localhost:5000      | a/b__c          | localhost:5000/a/b__c:1.0
      quay.io/a/b-c             | quay.io             | a/b-c           | quay.io/a/b-c:latest
      r.example:5000/a@DIGEST   | r.example:5000      | a               | r.example:5000/a@DIGEST
      a:1@DIGEST                | docker.io           | library/a       | a:1@DIGEST
      UP/x                      | UP                  | x               | UP/x:latest
      [::1]:5000/x              | [::1]:5000          | x               | [::1]:5000/x:latest
      """)
  void parts(String text, String registry, String repository, String pullable) {
    ImageName name = ImageName.parse(text.replace("DIGEST", DIGEST));
    assertThat(name.registry()).isEqualTo(registry);
    assertThat(name.repository()).isEqualTo(repository);
    assertThat(name.pullable()).isEqualTo(pullable.replace("DIGEST", DIGEST));
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(delimiter = '|', textBlock = """
      ''             | invalid reference format
      ' '            | invalid reference format
      a b            | invalid reference format
      Busybox        | repository name (Busybox) must be lowercase
      a:b:c          | invalid reference format
      a@sha256:12    | invalid reference format
      /a             | invalid reference format
      a/             | invalid reference format
      http://a/b     | invalid reference format
      a..b           | invalid reference format
      -x.y/z         | invalid reference format
      """)
  void refused(String text, String reason) {
    assertThatThrownBy(() -> ImageName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("couldn't parse image name \"%s\"".formatted(text))
        .hasMessageContaining(reason);
  }

  @Test
  void anIdIsNoName() {
    assertThatThrownBy(() -> ImageName.parse("a".repeat(64)))
        .hasMessageContaining("cannot specify 64-byte hexadecimal strings");
  }

  @Test
  void tooLongNameIsRefused() {
    assertThatThrownBy(() -> ImageName.parse("a".repeat(250)))
        .hasMessageContaining("must not be more than 255 characters");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0s",
    "7,7ms",
    "1000,1s",
    "1234,1.234s",
    "1500,1.5s",
    "60000,1m0s",
    "90500,1m30.5s",
    "3600000,1h0m0s"
  })
  void durationsReadAsInGo(long millis, String text) {
    assertThat(GoDuration.text(Duration.ofMillis(millis))).isEqualTo(text);
  }
}
