package dev.jubelet.kubelet.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.pod.PodReader;
import dev.jubelet.kubelet.pod.PodReader.UnknownFields;
import dev.jubelet.kubelet.pod.StaticPods;
import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.resource.OomScore;
import dev.jubelet.kubelet.resource.PodResources;
import dev.jubelet.kubelet.resource.QosClass;
import dev.jubelet.kubelet.yaml.YamlException;
import dev.jubelet.testkit.Fuzz;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Manifests of any bytes, as far as the pure part of a pod's way goes: read, validated, and when
/// accepted turned into what the runtime is asked for.
class ManifestFuzzTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);
  private static final String[] WORDS = {
    "apiVersion: v1\nkind: Pod\n",
    "metadata:",
    "spec:",
    "containers:",
    "name:",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!!int ",
    "!!binary ",
    "? ",
    "- ",
    "---\n",
    "...\n",
    "%TAG ! !\n",
    "|+\n",
    ">-\n",
    "#",
    "'",
    "0644",
    "1e99",
    "1Ei",
    ".inf",
    "$(",
    "$(A)",
    "valueFrom:",
    "subPath: ../..",
    "hostPath:",
    "emptyDir:",
    "\"items\":["
  };

  private final StaticPods pods = new StaticPods("file", "node", List.of(), CLOCK);

  @Test
  void anyManifestIsAcceptedOrRefused() throws Exception {
    Fuzz.of("manifests")
        .tokens(WORDS)
        .throwing(YamlException.class)
        .inputs(1500)
        .run(this::take);
  }

  @Test
  void anyObjectOfAnApiServerIsReadOrRefused() throws Exception {
    PodReader reader = new PodReader(UnknownFields.DROP);
    Fuzz.of("manifests")
        .tokens(WORDS)
        .throwing(YamlException.class)
        .inputs(500)
        .run(bytes -> assertThat(reader.read(bytes))
            .allMatch(pod -> pod.pod().isPresent() == pod.problems().isEmpty()));
  }

  private void take(byte[] bytes) throws YamlException {
    for (Taken taken : pods.take(bytes, "file:f")) {
      switch (taken) {
        case Taken.Refused refused -> assertThat(refused.problems()).isNotEmpty();
        case Taken.Accepted accepted -> {
          goesOn(accepted.pod());
          isTheSameAgain(accepted);
        }
      }
    }
  }

  private static void goesOn(FrozenPod pod) {
    QosClass.of(pod);
    PodResources.of(pod);
    try {
      SandboxSpec.of(pod, 0, TestNode.NODE);
    } catch (SandboxConfigException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    for (Container container : pod.containers()) {
      OomScore.of(pod, container, 4L << 30);
      Map<String, String> env = env(pod, container);
      var facts = new ContainerFacts(
          0, "abcd", "sha256:1", TestNode.facts().imageUid(), "", env, List.of());
      try {
        ContainerSpec.of(pod, container, facts, TestNode.NODE);
      } catch (CreateContainerConfigException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  private static Map<String, String> env(FrozenPod pod, Container container) {
    try {
      return ContainerEnv.of(pod, container, List.of("10.0.0.9"), TestNode.NODE);
    } catch (CreateContainerConfigException e) {
      return Map.of();
    }
  }

  /// The tree of an accepted document makes the same pod again.
  private void isTheSameAgain(Taken.Accepted accepted) throws YamlException {
    byte[] tree = accepted.tree().toString().getBytes(StandardCharsets.UTF_8);
    Taken again = pods.take(tree, "file:f").getFirst();
    assertThat(again).isInstanceOf(Taken.Accepted.class);
    FrozenPod pod = ((Taken.Accepted) again).pod();
    assertThat(pod.uid()).isEqualTo(accepted.pod().uid());
    assertThat(pod.object()).isEqualTo(accepted.pod().object());
  }
}
