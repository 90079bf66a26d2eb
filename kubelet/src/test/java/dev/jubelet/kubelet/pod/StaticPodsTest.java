package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.yaml.YamlException;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StaticPodsTest {
  private static final String POD = Manifests.pod("  restartPolicy: Never");

  private static String uid(StaticPods pods, String text, String origin) throws YamlException {
    return Manifests.accepted(
            pods.take(text.getBytes(StandardCharsets.UTF_8), origin).getFirst())
        .uid();
  }

  @Test
  void aPodOfAFileGetsNameUidAnnotationsAndToleration() {
    FrozenPod pod = Manifests.accepted(POD);
    assertThat(pod.name()).isEqualTo("web-node-1");
    assertThat(pod.namespace()).isEqualTo("default");
    assertThat(pod.uid()).matches("[0-9a-f]{32}");
    assertThat(pod.annotations())
        .containsEntry("kubernetes.io/config.hash", pod.uid())
        .containsEntry("kubernetes.io/config.source", "file")
        .containsEntry("kubernetes.io/config.seen", "2026-11-01T10:00:00Z");
    assertThat(pod.firstSeen()).isEqualTo(Manifests.NOW);
    PodSpec spec = pod.object().getSpec();
    assertThat(spec.getNodeName()).isEqualTo("node-1");
    assertThat(spec.getTolerations())
        .singleElement()
        .matches(t -> t.getOperator().equals("Exists") && t.getEffect().equals("NoExecute"));
    assertThat(pod.object().getStatus().getPhase()).isEqualTo("Pending");
  }

  @Test
  void theUidIsStableAndDependsOnNodePlaceAndMeaning() throws YamlException {
    String uid = uid(Manifests.files(), POD, "file:/a");
    assertThat(uid(Manifests.files(), POD, "file:/a")).isEqualTo(uid);
    assertThat(uid(Manifests.files(), "# a comment\n" + POD, "file:/a")).isEqualTo(uid);
    assertThat(uid(Manifests.files(), POD.replace("busybox:1", "busybox:2"), "file:/a"))
        .isNotEqualTo(uid);
    assertThat(uid(Manifests.files(), POD, "file:/b")).isNotEqualTo(uid);
    StaticPods elsewhere =
        new StaticPods("file", "node-2", List.of(), InstantSource.fixed(Manifests.NOW));
    assertThat(uid(elsewhere, POD, "file:/a")).isNotEqualTo(uid);
  }

  @Test
  void theUidIsTheDigestOfTheWholeText() throws YamlException {
    String text = POD.replace(
            "name: web", "name: web\n  annotations: {a: \"\u00e9\u2028/<\", b: 1e3, c: 5}")
        .replace("b: 1e3, c: 5", "b: '1e3', c: '5'");
    var taken = (StaticPods.Taken.Accepted)
        Manifests.files().take(text.getBytes(StandardCharsets.UTF_8), "file:/a").getFirst();
    assertThat(taken.pod().uid())
        .isEqualTo(StaticPods.digest("host:node-1\nfile:/a\n" + taken.tree()));
  }

  @Test
  void aWrittenUidIsKept() {
    FrozenPod pod = Manifests.accepted(POD.replace("name: web", "name: web\n  uid: mine-1"));
    assertThat(pod.uid()).isEqualTo("mine-1");
    assertThat(pod.annotations()).containsEntry("kubernetes.io/config.hash", "mine-1");
  }

  @Test
  void aPodOfRunKeepsItsName() throws YamlException {
    StaticPods run = new StaticPods("run", "node-1", List.of(), InstantSource.system());
    FrozenPod pod =
        Manifests.accepted(run.take(POD.getBytes(StandardCharsets.UTF_8), "run").getFirst());
    assertThat(pod.name()).isEqualTo("web");
    assertThat(pod.source()).isEqualTo("run");
    assertThat(pod.isStatic()).isTrue();
    assertThat(pod.object().getSpec().getTolerations()).isEmpty();
  }

  @Test
  void firstSeenIsKeptUntilThePodIsForgotten() {
    Instant[] now = {Instant.EPOCH};
    StaticPods pods = new StaticPods("file", "n", List.of(), () -> now[0]);
    String uid = Manifests.accepted(Manifests.take(pods, POD).getFirst()).uid();
    now[0] = Manifests.NOW;
    assertThat(Manifests.accepted(Manifests.take(pods, POD).getFirst()).firstSeen())
        .isEqualTo(Instant.EPOCH);
    pods.retain(Set.of(uid));
    assertThat(Manifests.accepted(Manifests.take(pods, POD).getFirst()).firstSeen())
        .isEqualTo(Instant.EPOCH);
    pods.retain(Set.of());
    assertThat(Manifests.accepted(Manifests.take(pods, POD).getFirst()).firstSeen())
        .isEqualTo(Manifests.NOW);
  }

  @Test
  void defaultsAreFilledIn() {
    FrozenPod pod = Manifests.accepted("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              hostNetwork: true
              volumes: [{name: v}, {name: h, hostPath: {path: /a}}]
              containers:
              - {name: a, image: busybox, ports: [{containerPort: 80}]}
              - {name: b, image: "r:5000/busybox:1", resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}}
              - {name: c, image: "busybox@sha256:00"}
              - {name: d, image: "r:5000/busybox:latest", env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}
            """);
    PodSpec spec = pod.object().getSpec();
    assertThat(spec.getRestartPolicy()).isEqualTo("Always");
    assertThat(spec.getDnsPolicy()).isEqualTo("ClusterFirst");
    assertThat(spec.getTerminationGracePeriodSeconds()).isEqualTo(30);
    assertThat(spec.getSchedulerName()).isEqualTo("default-scheduler");
    assertThat(spec.getEnableServiceLinks()).isTrue();
    assertThat(spec.getVolumes().get(0).getEmptyDir()).isNotNull();
    assertThat(spec.getVolumes().get(1).getHostPath().getType()).isEmpty();
    List<Container> containers = spec.getContainers();
    assertThat(containers)
        .extracting(Container::getImagePullPolicy)
        .containsExactly("Always", "IfNotPresent", "IfNotPresent", "Always");
    assertThat(containers)
        .allMatch(c -> c.getTerminationMessagePath().equals("/dev/termination-log"))
        .allMatch(c -> c.getTerminationMessagePolicy().equals("File"));
    assertThat(containers.get(0).getPorts().getFirst().getProtocol()).isEqualTo("TCP");
    assertThat(containers.get(0).getPorts().getFirst().getHostPort()).isEqualTo(80);
    assertThat(containers.get(1).getResources().getRequests())
        .hasToString("{cpu=500m, memory=1Gi}");
    assertThat(
            containers.get(3).getEnv().getFirst().getValueFrom().getFieldRef().getApiVersion())
        .isEqualTo("v1");
  }

  @Test
  void aDeletionThatWasCopiedWithThePodDoesNotCount() {
    FrozenPod pod = Manifests.accepted(POD.replace(
        "name: web",
        "name: web\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n"
            + "  deletionGracePeriodSeconds: 1"));
    assertThat(pod.deletionRequested()).isFalse();
    assertThat(pod.deletionGrace()).isEmpty();
  }

  @Test
  void anAllowedUnsafeSysctlIsAccepted() {
    StaticPods pods =
        new StaticPods("file", "n", List.of("net.core.*"), InstantSource.fixed(Manifests.NOW));
    String pod =
        Manifests.pod("  securityContext: {sysctls: [{name: net.core.somaxconn, value: \"1\"}]}");
    assertThat(Manifests.take(pods, pod).getFirst()).isInstanceOf(Taken.Accepted.class);
    String host = pod.replace("net.core.somaxconn", "vm.overcommit_memory");
    StaticPods all = new StaticPods("file", "n", List.of("*"), InstantSource.fixed(Manifests.NOW));
    assertThat(Manifests.take(all, host).getFirst()).isInstanceOf(Taken.Refused.class);
  }

  @Test
  void aNameTooLongWithTheNodesIsRefused() {
    assertThat(Manifests.problems(POD.replace("web", "a".repeat(250))))
        .anyMatch(p -> p.contains("with the node's name behind it"));
  }

  @Test
  void anotherUidMakesACopy() {
    FrozenPod pod = Manifests.accepted(POD);
    FrozenPod adopted = StaticPods.withUid(pod, "theirs");
    assertThat(adopted.uid()).isEqualTo("theirs");
    assertThat(adopted.annotations()).containsEntry("kubernetes.io/config.hash", "theirs");
    assertThat(pod.uid()).isNotEqualTo("theirs");
    assertThat(adopted.object().getSpec()).isEqualTo(pod.object().getSpec());
  }
}
