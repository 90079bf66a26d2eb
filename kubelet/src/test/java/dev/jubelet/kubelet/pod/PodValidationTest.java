package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// One row per rule: what is written, and the beginning of what is said about it.
class PodValidationTest {
  static Stream<Arguments> specs() {
    return Stream.of(
        row("  restartPolicy: Sometimes", "spec.restartPolicy: Unsupported value: \"Sometimes\""),
        row("  dnsPolicy: Mine", "spec.dnsPolicy: Unsupported value: \"Mine\""),
        row("  dnsPolicy: None", "spec.dnsConfig.nameservers: Required value"),
        row(
            "  dnsConfig: {nameservers: [1.1.1.1, 1.1.1.1, 1.1.1.1, dns]}",
            "spec.dnsConfig.nameservers: Invalid value: 4"),
        row(
            "  dnsConfig: {nameservers: [dns]}",
            "spec.dnsConfig.nameservers[0]: Invalid value: \"dns\": must be a valid IP"),
        row("  dnsConfig: {searches: [-x]}", "spec.dnsConfig.searches[0]: Invalid value"),
        row(
            "  dnsConfig: {options: [{value: a}]}",
            "spec.dnsConfig.options[0].name: Required value"),
        row(
            "  terminationGracePeriodSeconds: -1",
            "spec.terminationGracePeriodSeconds: Invalid value: -1"),
        row("  hostname: A_b", "spec.hostname: Invalid value: \"A_b\""),
        row("  os: {name: windows}", "spec.os.name: Unsupported value: \"windows\""),
        row("  hostAliases: [{ip: here}]", "spec.hostAliases[0].ip: Invalid value: \"here\""),
        row(
            "  hostAliases: [{ip: '::1', hostnames: [a_b]}]",
            "spec.hostAliases[0].hostnames[0]: Invalid value"),
        row(
            "  shareProcessNamespace: true\n  hostPID: true",
            "spec.shareProcessNamespace: Invalid value: true"),
        row("  volumes: [{name: v}, {name: v}]", "spec.volumes[1].name: Duplicate value: \"v\""),
        row("  volumes: [{emptyDir: {}}]", "spec.volumes[0].name: Required value"),
        row(
            "  volumes: [{name: v, emptyDir: {}, hostPath: {path: /a}}]",
            "spec.volumes[0]: Forbidden: may not specify more than 1"),
        row(
            "  volumes: [{name: v, hostPath: {}}]",
            "spec.volumes[0].hostPath.path: Required value"),
        row(
            "  volumes: [{name: v, hostPath: {path: /a/../b}}]",
            "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"),
        row(
            "  volumes: [{name: v, hostPath: {path: a}}]",
            "spec.volumes[0].hostPath.path: Invalid value: \"a\": must be an absolute"),
        row(
            "  volumes: [{name: v, hostPath: {path: /a, type: Dir}}]",
            "spec.volumes[0].hostPath.type: Unsupported value: \"Dir\""),
        row(
            "  volumes: [{name: v, emptyDir: {medium: Tape}}]",
            "spec.volumes[0].emptyDir.medium: Unsupported value"),
        row(
            "  securityContext: {runAsUser: -1}",
            "spec.securityContext.runAsUser: Invalid value: -1: must be between 0"),
        row(
            "  securityContext: {fsGroup: 4294967296}",
            "spec.securityContext.fsGroup: Invalid value: 4294967296"),
        row(
            "  securityContext: {supplementalGroups: [1, -2]}",
            "spec.securityContext.supplementalGroups[1]: Invalid value: -2"),
        row(
            "  securityContext: {seccompProfile: {type: Localhost}}",
            "spec.securityContext.seccompProfile.localhostProfile: Required value"),
        row(
            "  securityContext: {seccompProfile: {type: Localhost, localhostProfile: ../x}}",
            "spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"../x\""),
        row(
            "  securityContext: {seccompProfile: {type: Localhost, localhostProfile: ''}}",
            "spec.securityContext.seccompProfile.localhostProfile: Required value"),
        row(
            "  securityContext: {sysctls: [{name: a b, value: '1'}]}",
            "spec.securityContext.sysctls[0].name: Invalid value: \"a b\""),
        row(
            "  securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}]}",
            "spec.securityContext.sysctls[0].name: Forbidden: sysctl \"net.core.somaxconn\" is not on the safe list"),
        row(
            "  hostNetwork: true\n  securityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: '1'}]}",
            "spec.securityContext.sysctls[0].name: Invalid value: \"net.ipv4.tcp_rmem\": may not be specified when 'hostNetwork'"),
        row(
            "  initContainers: [{name: c, image: i}]",
            "spec.initContainers[0].name: Duplicate value: \"c\""),
        row(
            "  tolerations: [{operator: Maybe}]",
            "spec.tolerations[0].operator: Unsupported value"));
  }

  static Stream<Arguments> containers() {
    return Stream.of(
        row(
            "    imagePullPolicy: Often",
            "spec.containers[0].imagePullPolicy: Unsupported value: \"Often\""),
        row(
            "    terminationMessagePolicy: Loud",
            "spec.containers[0].terminationMessagePolicy: Unsupported value"),
        row(
            "    ports: [{containerPort: 0}]",
            "spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535"),
        row("    ports: [{name: a}]", "spec.containers[0].ports[0].containerPort: Required value"),
        row(
            "    ports: [{containerPort: 1, protocol: ICMP}]",
            "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\""),
        row(
            "    ports: [{containerPort: 1, name: UPPER}]",
            "spec.containers[0].ports[0].name: Invalid value: \"UPPER\""),
        row(
            "    ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a}]",
            "spec.containers[0].ports[1].name: Duplicate value: \"a\""),
        row(
            "    ports: [{containerPort: 1, hostPort: 70000}]",
            "spec.containers[0].ports[0].hostPort: Invalid value: 70000"),
        row(
            "    ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]",
            "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\""),
        row(
            "    ports: [{containerPort: 1, hostIP: here}]",
            "spec.containers[0].ports[0].hostIP: Invalid value: \"here\""),
        row("    env: [{value: a}]", "spec.containers[0].env[0].name: Required value"),
        row("    env: [{name: 'a=b'}]", "spec.containers[0].env[0].name: Invalid value: \"a=b\""),
        row(
            "    env: [{name: a, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
            "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value`"),
        row(
            "    env: [{name: a, valueFrom: {}}]",
            "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of"),
        row(
            "    env: [{name: a, valueFrom: {fieldRef: {fieldPath: spec.color}}}]",
            "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"spec.color\""),
        row(
            "    env: [{name: a, valueFrom: {resourceFieldRef: {resource: limits.gold}}}]",
            "spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value"),
        row(
            "    env: [{name: a, valueFrom: {resourceFieldRef: {resource: limits.cpu, containerName: z}}}]",
            "spec.containers[0].env[0].valueFrom.resourceFieldRef.containerName: Not found: \"z\""),
        row(
            "    volumeMounts: [{name: v, mountPath: /a}]",
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\""),
        row(
            "    volumeMounts: [{name: v}]",
            "spec.containers[0].volumeMounts[0].mountPath: Required value"),
        row(
            "    volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /a}]",
            "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique"),
        row(
            "    volumeMounts: [{name: v, mountPath: /a, subPath: a/../../b}]",
            "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"a/../../b\": must not contain '..'"),
        row(
            "    volumeMounts: [{name: v, mountPath: /a, subPath: /b}]",
            "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"/b\": must be a relative path"),
        row(
            "    volumeMounts: [{name: v, mountPath: /a, subPath: a, subPathExpr: b}]",
            "spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: \"b\": subPathExpr and subPath"),
        row(
            "    volumeMounts: [{name: v, mountPath: /a, mountPropagation: Bidirectional}]",
            "spec.containers[0].volumeMounts[0].mountPropagation: Forbidden"),
        row(
            "    resources: {limits: {cpu: '1'}, requests: {cpu: '2'}}",
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"),
        row(
            "    resources: {limits: {cpu: '-1'}}",
            "spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"),
        row(
            "    resources: {limits: {gold: '1'}}",
            "spec.containers[0].resources.limits: Invalid value: \"gold\": must be a standard resource"),
        row(
            "    securityContext: {privileged: true, allowPrivilegeEscalation: false}",
            "spec.containers[0].securityContext: Invalid value: \"\": cannot set `allowPrivilegeEscalation`"),
        row(
            "    securityContext: {runAsGroup: 2147483648}",
            "spec.containers[0].securityContext.runAsGroup: Invalid value: 2147483648"),
        row(
            "    securityContext: {procMount: Bare}",
            "spec.containers[0].securityContext.procMount: Unsupported value"));
  }

  private static Arguments row(String lines, String problem) {
    return Arguments.of(lines, problem);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void specRules(String lines, String problem) {
    assertThat(Manifests.problems(Manifests.pod(lines))).anyMatch(p -> p.startsWith(problem));
  }

  @ParameterizedTest
  @MethodSource("containers")
  void containerRules(String lines, String problem) {
    assertThat(Manifests.problems(Manifests.container(lines))).anyMatch(p -> p.startsWith(problem));
  }

  @Test
  void namesOfPodsAndContainers() {
    assertThat(Manifests.problems("""
                apiVersion: v1
                kind: Pod
                metadata:
                  namespace: A
                  uid: ../../etc
                  labels: {"a b": "c d"}
                  annotations: {"-x": z}
                spec:
                  containers:
                  - {}
                  - {name: UP, image: " i"}
                """))
        .anyMatch(p -> p.startsWith("metadata.name: Required value"))
        .anyMatch(p -> p.startsWith("metadata.namespace: Invalid value: \"A\""))
        .anyMatch(p -> p.startsWith("metadata.uid: Invalid value: \"../../etc\""))
        .anyMatch(p -> p.startsWith("metadata.labels: Invalid value: \"a b\""))
        .anyMatch(p -> p.startsWith("metadata.labels[a b]: Invalid value: \"c d\""))
        .anyMatch(p -> p.startsWith("metadata.annotations: Invalid value: \"-x\""))
        .contains("spec.containers[0].name: Required value")
        .contains("spec.containers[0].image: Required value")
        .anyMatch(p -> p.startsWith("spec.containers[1].name: Invalid value: \"UP\""))
        .anyMatch(p -> p.startsWith("spec.containers[1].image: Invalid value: \" i\""));
  }

  @Test
  void aPodNeedsASpecAndAContainer() {
    assertThat(Manifests.problems("apiVersion: v1\nkind: Pod\nmetadata: {name: a}"))
        .containsExactly("spec: Required value");
    assertThat(Manifests.problems("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}"))
        .containsExactly("spec.containers: Required value: must have at least one container");
  }

  @Test
  void hostNetworkNeedsEqualPorts() {
    String pod =
        Manifests.pod("  hostNetwork: true") + "    ports: [{containerPort: 80, hostPort: 81}]\n";
    assertThat(Manifests.problems(pod))
        .containsExactly(
            "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort`"
                + " when `hostNetwork` is true");
  }

  @Test
  void theSameHostPortOfTwoContainersIsRefused() {
    String pod = Manifests.container("    ports: [{containerPort: 80, hostPort: 80}]")
        + "  - {name: d, image: i, ports: [{containerPort: 81, hostPort: 80}]}\n";
    assertThat(Manifests.problems(pod))
        .containsExactly("spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//80\"");
  }
}
