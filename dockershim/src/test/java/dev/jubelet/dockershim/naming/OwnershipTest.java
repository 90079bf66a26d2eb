package dev.jubelet.dockershim.naming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.dockershim.naming.Ownership.Named;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final String SANDBOX = "/k8s_POD_web_default_u1_0";
  private static final String CONTAINER = "/k8s_c_web_default_u1_0";

  private final Ownership own = new Ownership("me", false);
  private final Ownership adopting = new Ownership("me", true);

  @Test
  void ownOnesAreBelieved() {
    Map<String, String> labels =
        Labels.sandbox(DockerName.sandbox("web", "default", "u1", 0), Map.of(), Map.of(), "me");
    for (String name : List.of(SANDBOX, SANDBOX + "_5eed5eed")) {
      assertThat(own.believe(name, labels, OwnershipTest::noSandbox)).as(name).isPresent();
      assertThat(own.made(name, labels)).as(name).isTrue();
    }
  }

  @Test
  void whatRunsAnImageCommittedFromOursIsNotOurs() {
    Map<String, String> labels = Labels.container(
        DockerName.container("c", "web", "default", "u1", 0),
        labels("container", "c"),
        Map.of("io.kubernetes.container.restartCount", "0"),
        "s1",
        "/log",
        "busybox",
        "me");
    assertThat(own.believe(CONTAINER, labels, sandbox(SANDBOX))).isPresent();
    for (String name :
        List.of("/happy_curie", "/k8s_c_web_default_u1_1", "/k8s_c_other_default_u2_0")) {
      assertThat(own.believe(name, labels, sandbox(SANDBOX))).as(name).isEmpty();
      assertThat(adopting.believe(name, labels, sandbox(SANDBOX))).as(name).isEmpty();
      assertThat(own.made(name, labels)).as(name).isFalse();
    }
    Map<String, String> pause = Labels.sandbox(
        DockerName.sandbox("web", "default", "u1", 0), labels("podsandbox", "POD"), Map.of(), "me");
    assertThat(adopting.believe("/k8s_POD_web_default_u1_1", pause, OwnershipTest::noSandbox))
        .isEmpty();
  }

  @Test
  void foreignOnesAreBelievedOnlyWhenAdopting() {
    assertThat(own.believe(SANDBOX, labels("podsandbox", "POD"), OwnershipTest::noSandbox))
        .isEmpty();
    assertThat(adopting.believe(SANDBOX, labels("podsandbox", "POD"), OwnershipTest::noSandbox))
        .isPresent();
    Map<String, String> otherRoot = new HashMap<>(labels("podsandbox", "POD"));
    otherRoot.put(Labels.OWNER, "other");
    assertThat(own.believe(SANDBOX, otherRoot, OwnershipTest::noSandbox)).isEmpty();
  }

  @Test
  void aForeignContainerNeedsABelievedSandboxOfItsPod() {
    Map<String, String> labels = labels("container", "c");
    assertThat(adopting.believe(CONTAINER, labels, OwnershipTest::noSandbox)).isEmpty();
    assertThat(adopting.believe(CONTAINER, labels, sandbox(SANDBOX))).isPresent();
    assertThat(adopting.believe(CONTAINER, labels, sandbox("/k8s_POD_web_default_u2_0")))
        .isEmpty();
    assertThat(adopting.believe(CONTAINER, labels, sandbox("/imposter"))).isEmpty();
  }

  @Test
  void labelsWithoutTheNameProveNothing() {
    assertThat(adopting.believe("/nginx", labels("podsandbox", "POD"), OwnershipTest::noSandbox))
        .isEmpty();
    assertThat(adopting.believe(
            "/k8s_POD_other_default_u1_0", labels("podsandbox", "POD"), OwnershipTest::noSandbox))
        .isEmpty();
    assertThat(adopting.believe(SANDBOX, labels("container", "POD"), OwnershipTest::noSandbox))
        .isEmpty();
  }

  private static Function<String, Optional<Named>> sandbox(String name) {
    return id -> Optional.of(new Named(name, labels("podsandbox", "POD")));
  }

  private static Map<String, String> labels(String type, String container) {
    return Map.of(
        Labels.TYPE, type,
        Labels.CONTAINER_NAME, container,
        Labels.POD_NAME, "web",
        Labels.POD_NAMESPACE, "default",
        Labels.POD_UID, "u1",
        Labels.SANDBOX_ID, "s1");
  }

  private static Optional<Named> noSandbox(String id) {
    return Optional.empty();
  }
}
