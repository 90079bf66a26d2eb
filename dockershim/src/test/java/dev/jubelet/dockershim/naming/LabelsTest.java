package dev.jubelet.dockershim.naming;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelsTest {
  private static final DockerName NAME = DockerName.container("web", "x", "default", "u1", 0);

  @Test
  void labelsAndAnnotationsComeBackAsGiven() {
    Map<String, String> docker = Labels.container(
        NAME,
        Map.of("app", "x", "io.kubernetes.container.name", "web"),
        Map.of("a/b", "c"),
        "sandbox",
        "/log",
        "busybox:1",
        "me");
    assertThat(docker)
        .containsEntry("annotation.a/b", "c")
        .containsEntry(Labels.TYPE, "container")
        .containsEntry(Labels.SANDBOX_ID, "sandbox")
        .containsEntry(Labels.LOG_PATH, "/log")
        .containsEntry(Labels.OWNER, "me")
        .containsEntry(Labels.NAME, NAME.toString());
    assertThat(Labels.labels(docker))
        .containsOnly(Map.entry("app", "x"), Map.entry("io.kubernetes.container.name", "web"));
    assertThat(Labels.annotations(docker)).containsOnly(Map.entry("a/b", "c"));
  }

  @Test
  void whatAnImageBringsIsNotBelieved() {
    Map<String, String> docker =
        new HashMap<>(Labels.container(NAME, Map.of("app", "x"), Map.of(), "s", "/log", "", "me"));
    docker.put("maintainer", "somebody");
    docker.put("annotation.io.kubernetes.container.preStopHandler", "{\"httpGet\":{}}");
    assertThat(Labels.labels(docker)).containsOnly(Map.entry("app", "x"));
    assertThat(Labels.annotations(docker)).isEmpty();
  }

  @Test
  void anAdoptedSandboxShowsItsLabelsWithoutTheInternalOnes() {
    Map<String, String> docker = Map.of(
        Labels.TYPE,
        "podsandbox",
        Labels.CONTAINER_NAME,
        "POD",
        Labels.POD_NAME,
        "web",
        "annotation.k",
        "v");
    assertThat(Labels.labels(docker)).containsOnly(Map.entry(Labels.POD_NAME, "web"));
    assertThat(Labels.annotations(docker)).containsOnly(Map.entry("k", "v"));
  }

  @Test
  void aCallerCannotForgeTheInternalOnes() {
    Map<String, String> forged =
        Map.of(Labels.OWNER, "other", Labels.TYPE, "container", Labels.NAME, "k8s_other");
    Map<String, String> docker = Labels.sandbox(NAME, forged, Map.of(), "me");
    assertThat(docker)
        .containsEntry(Labels.OWNER, "me")
        .containsEntry(Labels.TYPE, "podsandbox")
        .containsEntry(Labels.NAME, NAME.toString())
        .containsEntry(Labels.CONTAINER_NAME, "POD");
  }
}
