package dev.jubelet.kubelet.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.PortMapping;
import dev.jubelet.cri.v1.Protocol;
import dev.jubelet.cri.v1.SecurityProfile.ProfileType;
import dev.jubelet.kubelet.resource.TestPods;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxSpecTest {

  @Test
  void namesLabelsAndAnnotations() {
    var pod = TestPods.yaml("""
        metadata:
          name: web
          namespace: shop
          uid: u-7
          labels: {app: a, io.kubernetes.pod.uid: forged}
          annotations: {kubernetes.io/config.source: file}
        spec: {containers: [{name: c, image: i}]}
        """);
    PodSandboxConfig config = SandboxSpec.of(pod, 3, TestNode.NODE);
    assertThat(config.getMetadata().getName()).isEqualTo("web");
    assertThat(config.getMetadata().getNamespace()).isEqualTo("shop");
    assertThat(config.getMetadata().getUid()).isEqualTo("u-7");
    assertThat(config.getMetadata().getAttempt()).isEqualTo(3);
    assertThat(config.getHostname()).isEqualTo("web");
    assertThat(config.getLogDirectory()).isEqualTo("/var/log/pods/shop_web_u-7");
    assertThat(config.getLabelsMap())
        .isEqualTo(Map.of(
            "app", "a",
            "io.kubernetes.pod.name", "web",
            "io.kubernetes.pod.namespace", "shop",
            "io.kubernetes.pod.uid", "u-7"));
    assertThat(config.getAnnotationsMap()).isEqualTo(Map.of("kubernetes.io/config.source", "file"));
    assertThat(config.getLinux().getCgroupParent()).isEmpty();
    assertThat(config.getLinux().getSecurityContext().getSeccomp().getProfileType())
        .isEqualTo(ProfileType.RuntimeDefault);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                          | POD  | CONTAINER | POD
      {hostNetwork: true}                         | NODE | CONTAINER | POD
      {hostPID: true}                             | POD  | NODE      | POD
      {hostIPC: true}                             | POD  | CONTAINER | NODE
      {shareProcessNamespace: true}               | POD  | POD       | POD
      {hostPID: true, shareProcessNamespace: true}| POD  | NODE      | POD
      """)
  void namespaces(String spec, NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
    var options = SandboxSpec.of(TestPods.spec(spec), 0, TestNode.NODE)
        .getLinux()
        .getSecurityContext()
        .getNamespaceOptions();
    assertThat(options.getNetwork()).isEqualTo(network);
    assertThat(options.getPid()).isEqualTo(pid);
    assertThat(options.getIpc()).isEqualTo(ipc);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                      | p
      {hostname: h}                                           | h
      {hostname: h, subdomain: s}                             | h
      {hostname: h, subdomain: s, setHostnameAsFQDN: true}    | h.s.default.svc.cluster.local
      {hostname: h, setHostnameAsFQDN: true}                  | h
      {hostnameOverride: o, hostname: h, subdomain: s, setHostnameAsFQDN: true} | o
      {hostNetwork: true, hostname: h}                        | ''
      """)
  void hostnames(String spec, String hostname) {
    assertThat(SandboxSpec.of(TestPods.spec(spec), 0, TestNode.NODE).getHostname())
        .isEqualTo(hostname);
  }

  @Test
  void longPodNameIsCutToALabel() {
    var pod = TestPods.yaml("{metadata: {name: %s-x.y}, spec: {}}".formatted("a".repeat(62)));
    assertThat(PodHostname.of(pod, "").hostname()).isEqualTo("a".repeat(62));
  }

  @Test
  void tooLongFullNameIsRefused() {
    var pod = TestPods.spec(
        "{hostname: %s, subdomain: s, setHostnameAsFQDN: true}".formatted("h".repeat(60)));
    assertThatThrownBy(() -> SandboxSpec.of(pod, 0, TestNode.NODE))
        .isInstanceOf(SandboxConfigException.class)
        .hasMessageContaining("is too long (64 characters is the max, 88 characters requested)");
  }

  @Test
  void portsOfContainersAndSidecars() {
    var pod = TestPods.spec("""
        initContainers:
        - {name: i, image: i, ports: [{containerPort: 9}]}
        - {name: s, image: i, restartPolicy: Always, ports: [{containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 127.0.0.1}]}
        containers:
        - {name: c, image: i, ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81}]}
        """);
    assertThat(SandboxSpec.of(pod, 0, TestNode.NODE).getPortMappingsList())
        .containsExactly(
            port(Protocol.TCP, 80, 8080, ""),
            port(Protocol.TCP, 81, 0, ""),
            port(Protocol.UDP, 53, 53, "127.0.0.1"));
  }

  private static PortMapping port(Protocol protocol, int container, int host, String ip) {
    return PortMapping.newBuilder()
        .setProtocol(protocol)
        .setContainerPort(container)
        .setHostPort(host)
        .setHostIp(ip)
        .build();
  }

  @Test
  void identityOfTheSandboxProcess() {
    var pod = TestPods.spec("""
        securityContext:
          runAsUser: 5
          runAsGroup: 6
          fsGroup: 7
          supplementalGroups: [8, 9]
          supplementalGroupsPolicy: Strict
          seLinuxOptions: {level: "s0:c1"}
        containers:
        - {name: c, image: i, securityContext: {privileged: true}}
        """);
    var security = SandboxSpec.of(pod, 0, TestNode.NODE).getLinux().getSecurityContext();
    assertThat(security.getRunAsUser().getValue()).isEqualTo(5);
    assertThat(security.getRunAsGroup().getValue()).isEqualTo(6);
    assertThat(security.getSupplementalGroupsList()).containsExactly(7L, 8L, 9L);
    assertThat(security.getSupplementalGroupsPolicy().name()).isEqualTo("Strict");
    assertThat(security.getSelinuxOptions().getLevel()).isEqualTo("s0:c1");
    assertThat(security.getPrivileged()).isTrue();
  }

  @ParameterizedTest(name = "{0}={1} {2}")
  @CsvSource(delimiter = '|', textBlock = """
      net.ipv4.ip_unprivileged_port_start | 0   |                   | ok
      net/ipv4/tcp_syncookies             | 1   |                   | ok
      kernel.shm_rmid_forced              | 1   |                   | ok
      kernel.msgmax                       | 1   |                   | ok
      net.core.somaxconn                  | 1   |                   | not allowlisted
      kernel.panic                        | 1   |                   | not allowlisted
      kernel.shmmax                       | 1   |                   | not allowlisted
      net.ipv4.tcp_syncookies             | 1   | hostNetwork: true | not allowed with host net enabled
      kernel.shm_rmid_forced              | 1   | hostIPC: true     | not allowed with host ipc enabled
      ../../etc                           | 1   |                   | is not a sysctl name
      "net.ipv4.tcp_syncookies+x"         | 1   |                   | is not a sysctl name
      net.ipv4.tcp_syncookies             | "1\\nkernel.panic=1" | | has a value with control characters
      """)
  void sysctls(String name, String value, String host, String expected) {
    var pod = TestPods.spec("""
        securityContext:
          sysctls: [{name: %s, value: %s}]
        %s
        """.formatted(
            name, value.startsWith("\"") ? value : "\"" + value + "\"", host == null ? "" : host));
    var problems = Sysctls.problems(pod, TestNode.NODE.allowedUnsafeSysctls());
    if (expected.equals("ok")) {
      assertThat(problems).isEmpty();
      assertThat(SandboxSpec.of(pod, 0, TestNode.NODE).getLinux().getSysctlsMap())
          .containsExactlyEntriesOf(Map.of(name.replace('/', '.'), value));
    } else {
      assertThat(problems).singleElement().asString().contains("forbidden sysctl", expected);
      assertThatThrownBy(() -> SandboxSpec.of(pod, 0, TestNode.NODE))
          .isInstanceOf(SandboxConfigException.class);
    }
  }
}
