package dev.jubelet.kubelet.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.SecurityProfile.ProfileType;
import dev.jubelet.kubelet.resource.TestPods;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerSpecTest {

  @Test
  void wholeContainer() {
    var pod = TestPods.yaml("""
        metadata: {name: web, namespace: shop, uid: u-7}
        spec:
          terminationGracePeriodSeconds: 9
          containers:
          - name: c
            image: busybox:1
            command: [sh, -c, "echo $(A) $$(A) $(B)"]
            args: [$(A)]
            workingDir: /w
            tty: true
            stdin: true
            terminationMessagePath: /dev/termination-log
            terminationMessagePolicy: File
            ports:
            - {containerPort: 80, name: http, protocol: TCP}
            - {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 127.0.0.1}
        """);
    ContainerConfig config =
        ContainerSpec.of(pod, pod.containers().getFirst(), TestNode.facts(), TestNode.NODE);
    assertThat(config.getMetadata().getName()).isEqualTo("c");
    assertThat(config.getMetadata().getAttempt()).isEqualTo(2);
    assertThat(config.getImage().getImage()).isEqualTo("sha256:1");
    assertThat(config.getImage().getUserSpecifiedImage()).isEqualTo("busybox:1");
    assertThat(config.getCommandList()).containsExactly("sh", "-c", "echo 1 $(A) $(B)");
    assertThat(config.getArgsList()).containsExactly("1");
    assertThat(config.getWorkingDir()).isEqualTo("/w");
    assertThat(config.getTty()).isTrue();
    assertThat(config.getStdin()).isTrue();
    assertThat(config.getStdinOnce()).isFalse();
    assertThat(config.getLogPath()).isEqualTo("c/2.log");
    assertThat(config.getEnvs(0).getKey()).isEqualTo("A");
    assertThat(config.getEnvs(0).getValue().toStringUtf8()).isEqualTo("1");
    assertThat(config.getLabelsMap())
        .isEqualTo(Map.of(
            "io.kubernetes.pod.name", "web",
            "io.kubernetes.pod.namespace", "shop",
            "io.kubernetes.pod.uid", "u-7",
            "io.kubernetes.container.name", "c"));
    assertThat(config.getAnnotationsMap())
        .isEqualTo(
            Map.of(
                "io.kubernetes.container.hash",
                "abcd",
                "io.kubernetes.container.restartCount",
                "2",
                "io.kubernetes.container.terminationMessagePath",
                "/dev/termination-log",
                "io.kubernetes.container.terminationMessagePolicy",
                "File",
                "io.kubernetes.pod.terminationGracePeriod",
                "9",
                "io.kubernetes.container.ports",
                "[{\"name\":\"http\",\"containerPort\":80,\"protocol\":\"TCP\"},"
                    + "{\"hostPort\":53,\"containerPort\":53,\"protocol\":\"UDP\",\"hostIP\":\"127.0.0.1\"}]"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                      | 2    | 0      | 0
      {limits: {cpu: 500m, memory: 64Mi}}                     | 512  | 50000  | 67108864
      {limits: {cpu: 2}, requests: {cpu: 100m}}               | 102  | 200000 | 0
      {limits: {cpu: 2}, requests: {cpu: 0}}                  | 2    | 200000 | 0
      {limits: {cpu: 1m}}                                     | 2    | 1000   | 0
      """)
  void resources(String resources, long shares, long quota, long memory) {
    var pod =
        TestPods.spec("containers: [{name: c, image: i, resources: %s}]".formatted(resources));
    var linux = ContainerSpec.of(pod, pod.containers().getFirst(), TestNode.facts(), TestNode.NODE)
        .getLinux()
        .getResources();
    assertThat(linux.getCpuShares()).isEqualTo(shares);
    assertThat(linux.getCpuQuota()).isEqualTo(quota);
    assertThat(linux.getCpuPeriod()).isEqualTo(100_000);
    assertThat(linux.getMemoryLimitInBytes()).isEqualTo(memory);
  }

  @Test
  void hugepagesAreLimitedPerSize() {
    var pod = TestPods.spec(
        "containers: [{name: c, image: i, resources: {limits: {hugepages-2Mi: 4Mi, hugepages-1Gi:"
            + " 1Gi}}}]");
    var limits = ContainerSpec.of(pod, pod.containers().getFirst(), TestNode.facts(), TestNode.NODE)
        .getLinux()
        .getResources()
        .getHugepageLimitsList();
    assertThat(limits).extracting(l -> l.getPageSize()).containsExactly("1GB", "2MB");
    assertThat(limits).extracting(l -> l.getLimit()).containsExactly(1L << 30, 4L << 20);
  }

  @Test
  void plainContainerIsConfinedAsUsual() {
    var security = security("{}", "{}");
    assertThat(security.getPrivileged()).isFalse();
    assertThat(security.getNoNewPrivs()).isFalse();
    assertThat(security.hasRunAsUser()).isFalse();
    assertThat(security.getSeccomp().getProfileType()).isEqualTo(ProfileType.Unconfined);
    assertThat(security.hasApparmor()).isFalse();
    assertThat(security.getMaskedPathsList()).contains("/proc/kcore", "/sys/firmware");
    assertThat(security.getReadonlyPathsList()).contains("/proc/sys");
  }

  @Test
  void containersOwnSettingsWinOverThePods() {
    var security = security(
        "{runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4], seccompProfile: {type:"
            + " RuntimeDefault}, seLinuxOptions: {type: a}}",
        "{runAsUser: 10, capabilities: {add: [NET_ADMIN], drop: [ALL]}, privileged: true,"
            + " readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, procMount:"
            + " Unmasked, seccompProfile: {type: Localhost, localhostProfile: a/b.json},"
            + " appArmorProfile: {type: Localhost, localhostProfile: x}}");
    assertThat(security.getRunAsUser().getValue()).isEqualTo(10);
    assertThat(security.getRunAsGroup().getValue()).isEqualTo(2);
    assertThat(security.getSupplementalGroupsList()).containsExactly(3L, 4L);
    assertThat(security.getCapabilities().getAddCapabilitiesList()).containsExactly("NET_ADMIN");
    assertThat(security.getCapabilities().getDropCapabilitiesList()).containsExactly("ALL");
    assertThat(security.getPrivileged()).isTrue();
    assertThat(security.getReadonlyRootfs()).isTrue();
    assertThat(security.getNoNewPrivs()).isTrue();
    assertThat(security.getMaskedPathsList()).isEmpty();
    assertThat(security.getReadonlyPathsList()).isEmpty();
    assertThat(security.getSeccomp().getLocalhostRef())
        .isEqualTo("/var/lib/kubelet/seccomp/a/b.json");
    assertThat(security.getApparmor().getLocalhostRef()).isEqualTo("x");
    assertThat(security.getSelinuxOptions().getType()).isEqualTo("a");
  }

  @Test
  void appArmorAnnotationIsStillRead() {
    var pod = TestPods.yaml("""
        metadata:
          annotations: {container.apparmor.security.beta.kubernetes.io/c: localhost/mine}
        spec: {containers: [{name: c, image: i}]}
        """);
    var config =
        ContainerSpec.of(pod, pod.containers().getFirst(), TestNode.facts(), TestNode.NODE);
    assertThat(config.getLinux().getSecurityContext().getApparmor().getLocalhostRef())
        .isEqualTo("mine");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {seccompProfile: {type: Localhost}}                              | localhostProfile must be set
      {seccompProfile: {type: Localhost, localhostProfile: ""}}        | localhostProfile must be set
      {seccompProfile: {type: Localhost, localhostProfile: ../x}}      | must be a file below
      {seccompProfile: {type: Localhost, localhostProfile: /etc/x}}    | must be a file below
      {seccompProfile: {type: Localhost, localhostProfile: .}}         | must be a file below
      {seccompProfile: {type: Odd}}                                    | unknown seccompProfile type
      {appArmorProfile: {type: Localhost}}                             | invalid AppArmor profile
      {appArmorProfile: {type: Odd}}                                   | invalid AppArmor profile
      """)
  void unusableProfilesAreRefused(String context, String message) {
    assertThatThrownBy(() -> security("{}", context))
        .isInstanceOf(CreateContainerConfigException.class)
        .hasMessageContaining(message);
  }

  // CVE-2021-25749, CVE-2024-40635
  @ParameterizedTest(name = "user {0}, image uid {1}, image user {2}")
  @CsvSource(delimiter = '|', textBlock = """
      1000 |            |       | ok
      0    |            |       | container's runAsUser breaks non-root policy
           | 1000       |       | ok
           | 2147483647 |       | ok
           | 0          |       | image will run as root
           |            |       | image will run as root
           | -1         |       | out of range
           | 2147483648 |       | out of range
           | 4294967296 |       | out of range
           |            | app   | non-numeric user (app)
           |            | root  | non-numeric user (root)
           |            | +0    | non-numeric user (+0)
           |            | 00    | non-numeric user (00)
           |            | 0:0   | non-numeric user (0:0)
      """)
  void runAsNonRoot(
      @Nullable Long user, @Nullable Long imageUid, @Nullable String imageUser, String expected) {
    var pod =
        TestPods.spec("{securityContext: {runAsNonRoot: true%s}, containers: [{name: c, image: i}]}"
            .formatted(user == null ? "" : ", runAsUser: " + user));
    var facts = TestNode.facts(
        imageUid == null ? OptionalLong.empty() : OptionalLong.of(imageUid),
        imageUser == null ? "" : imageUser);
    if (expected.equals("ok")) {
      var security = ContainerSpec.of(pod, pod.containers().getFirst(), facts, TestNode.NODE)
          .getLinux()
          .getSecurityContext();
      assertThat(security.getRunAsUser().getValue()).isEqualTo(user != null ? user : imageUid);
    } else {
      assertThatThrownBy(
              () -> ContainerSpec.of(pod, pod.containers().getFirst(), facts, TestNode.NODE))
          .isInstanceOf(CreateContainerConfigException.class)
          .hasMessageContaining(expected);
    }
  }

  @Test
  void imagesUserIsHandedOnByNameWhenItIsOne() {
    var pod = TestPods.spec("containers: [{name: c, image: i}]");
    var security = ContainerSpec.of(
            pod,
            pod.containers().getFirst(),
            TestNode.facts(OptionalLong.empty(), "app"),
            TestNode.NODE)
        .getLinux()
        .getSecurityContext();
    assertThat(security.getRunAsUsername()).isEqualTo("app");
    assertThat(security.hasRunAsUser()).isFalse();
  }

  private static LinuxContainerSecurityContext security(String ofPod, String ofContainer) {
    var pod = TestPods.spec(
        "{securityContext: %s, containers: [{name: c, image: i, securityContext: %s}]}"
            .formatted(ofPod, ofContainer));
    return ContainerSpec.of(pod, pod.containers().getFirst(), TestNode.facts(), TestNode.NODE)
        .getLinux()
        .getSecurityContext();
  }
}
