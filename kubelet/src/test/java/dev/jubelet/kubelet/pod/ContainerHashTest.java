package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContainerHashTest {
  /// The value of upstream's TestHashContainer (pkg/kubelet/container/helpers_test.go, 1.31+).
  @Test
  void equalsThatOfAGoKubelet() {
    assertThat(ContainerHash.of("test_container", "foo/image:v1")).isEqualTo("8e45cbd0");
  }

  @Test
  void dependsOnNameAndImage() {
    String hash = ContainerHash.of("a", "b");
    assertThat(ContainerHash.of("a", "c")).isNotEqualTo(hash);
    assertThat(ContainerHash.of("b", "b")).isNotEqualTo(hash);
  }

  /// Go writes markup as escapes, so the digest is of those.
  @Test
  void escapesAsGoDoes() {
    assertThat(ContainerHash.of("a", "b<&>\"c")).isEqualTo("29194a6b");
  }
}
