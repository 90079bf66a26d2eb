package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.yaml.YamlException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodReaderTest {
  private static List<ManifestPod> read(PodReader.UnknownFields unknown, String text)
      throws YamlException {
    return new PodReader(unknown).read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ManifestPod one(String text) throws YamlException {
    return read(PodReader.UnknownFields.REFUSE, text).getFirst();
  }

  @Test
  void namesEveryUnknownFieldWithItsPathAndTheNearestOne() throws YamlException {
    ManifestPod pod = one("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web, lables: {a: b}}
            spec:
              restartPolcy: Never
              containers:
              - {name: c, image: i, volumeMounts: [{name: v, mountPth: /a}]}
              xyzzy: 1
            """);
    assertThat(pod.pod()).isEmpty();
    assertThat(pod.name()).isEqualTo("default/web");
    assertThat(pod.problems())
        .containsExactlyInAnyOrder(
            "metadata.lables: unknown field: did you mean \"labels\"?",
            "spec.restartPolcy: unknown field: did you mean \"restartPolicy\"?",
            "spec.containers[0].volumeMounts[0].mountPth: unknown field: did you mean"
                + " \"mountPath\"?",
            "spec.xyzzy: unknown field: remove it");
  }

  @Test
  void unknownFieldsOfAnApiServerAreDropped() throws YamlException {
    ManifestPod pod = read(
            PodReader.UnknownFields.DROP,
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"new\":1},"
                + "\"spec\":{\"newer\":{\"x\":1},\"containers\":[]}}")
        .getFirst();
    assertThat(pod.problems()).isEmpty();
    assertThat(pod.pod()).isPresent();
  }

  @Test
  void namesEveryWrongType() throws YamlException {
    ManifestPod pod = one("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              hostNetwork: "yes"
              terminationGracePeriodSeconds: 1.5
              containers: {name: c}
              volumes: [null]
              initContainers:
              - name: c
                env: [{name: A, value: 5}, {name: B, value: yes}]
                ports: [{containerPort: 99999999999}]
                resources: {limits: {memory: 1 GB, cpu: 0.5}}
            """);
    assertThat(pod.problems())
        .containsExactlyInAnyOrder(
            "spec.hostNetwork: Invalid value: \"yes\": must be true or false",
            "spec.terminationGracePeriodSeconds: Invalid value: \"1.5\": must be a whole number, 64"
                + " bits",
            "spec.containers: Invalid value: \"a mapping\": must be a list",
            "spec.volumes[0]: Invalid value: \"null\": an entry must have a value",
            "spec.initContainers[0].env[0].value: Invalid value: \"5\": must be a string, so put it"
                + " in quotes",
            "spec.initContainers[0].env[1].value: Invalid value: \"true\": must be a string, so put"
                + " it in quotes",
            "spec.initContainers[0].ports[0].containerPort: Invalid value: \"99999999999\": must be"
                + " a whole number, 32 bits",
            "spec.initContainers[0].resources.limits[memory]: Invalid value: \"1 GB\": quantities"
                + " look like 500m, 2, 1.5, 128Mi or 1G (at most 40 characters)");
  }

  @Test
  void otherKindsAreNamedAndCostNoOtherDocument() throws YamlException {
    List<ManifestPod> pods = read(PodReader.UnknownFields.REFUSE, """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: ns}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: []}
            ---
            apiVersion: v2
            kind: Pod
            ---
            metadata: {name: x}
            ---
            just text
            """);
    assertThat(pods).hasSize(5);
    assertThat(pods.get(0).name()).isEqualTo("ns/d");
    assertThat(pods.get(0).problems())
        .containsExactly("kind: not built yet: Deployment is no kind that runs here, only Pod is");
    assertThat(pods.get(1).pod()).isPresent();
    assertThat(pods.get(2).problems())
        .containsExactly("apiVersion: Unsupported value: \"v2\": supported values: \"v1\"");
    assertThat(pods.get(3).problems()).containsExactly("kind: Required value: write kind: Pod");
    assertThat(pods.get(4).problems()).hasSize(1);
  }

  @Test
  void aPodListIsSeveralPods() throws YamlException {
    List<ManifestPod> pods = read(PodReader.UnknownFields.REFUSE, """
            apiVersion: v1
            kind: PodList
            items:
            - metadata: {name: a}
              spec: {containers: []}
            - {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: []}}
            """);
    assertThat(pods).extracting(ManifestPod::name).containsExactly("default/a", "default/b");
    assertThat(pods).allMatch(p -> p.pod().isPresent());
  }

  @Test
  void treesAreEqualForTextsThatMeanTheSame() throws YamlException {
    ManifestPod yaml =
        one("kind: Pod\napiVersion: v1\nmetadata:\n  name: a # why\n  creationTimestamp: null\n");
    ManifestPod json =
        one("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
    assertThat(yaml.tree()).isEqualTo(json.tree());
  }

  @Test
  void aHostileNumberOfProblemsIsBounded() throws YamlException {
    StringBuilder text = new StringBuilder("apiVersion: v1\nkind: Pod\nspec:\n");
    for (int i = 0; i < 10_000; i++) {
      text.append("  f").append(i).append(": 1\n");
    }
    assertThat(one(text.toString()).problems())
        .hasSize(51)
        .last()
        .isEqualTo("and 9950 more problems");
  }
}
