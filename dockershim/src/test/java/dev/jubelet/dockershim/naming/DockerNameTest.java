package dev.jubelet.dockershim.naming;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DockerNameTest {
  @Test
  void isWrittenAsDockershimWroteIt() {
    assertThat(DockerName.sandbox("web-0", "default", "uid-1", 2))
        .hasToString("k8s_POD_web-0_default_uid-1_2");
    assertThat(DockerName.container("c", "web-0", "default", "uid-1", 0))
        .hasToString("k8s_c_web-0_default_uid-1_0");
  }

  @Test
  void isReadBackWithSlashAndSuffix() {
    assertThat(DockerName.parse("/k8s_POD_p_ns_u_4294967295")).hasValueSatisfying(n -> {
      assertThat(n.isSandbox()).isTrue();
      assertThat(n.attempt()).isEqualTo(-1);
      assertThat(n).hasToString("k8s_POD_p_ns_u_4294967295");
    });
    assertThat(DockerName.parse("k8s_c_p_ns_u_0_1a2b3c4d"))
        .contains(DockerName.container("c", "p", "ns", "u", 0).withSuffix("1a2b3c4d"));
  }

  @Test
  void othersAreNotKubernetes() {
    assertThat(DockerName.parse("/nginx")).isEmpty();
    assertThat(DockerName.parse("k8s_c_p_ns_u")).isEmpty();
    assertThat(DockerName.parse("k9s_c_p_ns_u_0")).isEmpty();
    assertThat(DockerName.parse("k8s_c_p_ns_u_x")).isEmpty();
    assertThat(DockerName.parse("k8s_c_p_ns_u_0_a_b")).isEmpty();
  }

  @Test
  void partsThatWouldNotBeReadBackAreNamed() {
    assertThat(DockerName.sandbox("a_b", "default", "u", 0).problem())
        .hasValueSatisfying(p -> assertThat(p).contains("metadata.name").contains("a_b"));
    assertThat(DockerName.sandbox("a", "", "u", 0).problem())
        .hasValueSatisfying(p -> assertThat(p).contains("metadata.namespace"));
    assertThat(DockerName.sandbox("a", "b", "c", 0).problem()).isEmpty();
  }
}
