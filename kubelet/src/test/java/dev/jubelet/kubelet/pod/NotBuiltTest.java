package dev.jubelet.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotBuiltTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spec.volumes[0].configMap | volumes: [{name: v, configMap: {name: x}}]",
        "spec.volumes[0].secret | volumes: [{name: v, secret: {secretName: x}}]",
        "spec.volumes[0].projected | volumes: [{name: v, projected: {}}]",
        "spec.volumes[0].downwardAPI | volumes: [{name: v, downwardAPI: {}}]",
        "spec.volumes[0].csi | volumes: [{name: v, csi: {driver: x}}]",
        "spec.volumes[0].persistentVolumeClaim | volumes: [{name: v, persistentVolumeClaim: {claimName: x}}]",
        "spec.volumes[0].image | volumes: [{name: v, image: {reference: x}}]",
        "spec.volumes[0].gitRepo | volumes: [{name: v, gitRepo: {repository: x}}]",
        "spec.volumes[0].nfs | volumes: [{name: v, nfs: {server: x, path: /}}]",
        "spec.volumes[0].emptyDir.sizeLimit | volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]",
        "spec.volumes[0].emptyDir.medium | volumes: [{name: v, emptyDir: {medium: HugePages-2Mi}}]",
        "spec.volumes[0].emptyDir.mode | volumes: [{name: v, emptyDir: {mode: 448}}]",
        "spec.ephemeralContainers | ephemeralContainers: [{name: e, image: i}]",
        "spec.resourceClaims | resourceClaims: [{name: r}]",
        "spec.hostUsers | hostUsers: false",
        "spec.runtimeClassName | runtimeClassName: gvisor",
        "spec.activeDeadlineSeconds | activeDeadlineSeconds: 5",
        "spec.imagePullSecrets | imagePullSecrets: [{name: s}]",
        "spec.serviceAccountName | serviceAccountName: default",
        "spec.readinessGates | readinessGates: [{conditionType: x}]",
        "spec.schedulingGates | schedulingGates: [{name: x}]",
        "spec.overhead | overhead: {cpu: 1}",
        "spec.resources | resources: {limits: {cpu: 1}}",
        "spec.nodeSelector[disk] | nodeSelector: {disk: ssd}",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution | affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
        "spec.hostnameOverride | hostnameOverride: x",
        "spec.securityContext.windowsOptions | securityContext: {windowsOptions: {}}",
        "spec.securityContext.supplementalGroupsPolicy | securityContext: {supplementalGroupsPolicy: Strict}",
        "spec.securityContext.seLinuxChangePolicy | securityContext: {seLinuxChangePolicy: MountOption}"
      })
  void fieldsOfPods(String path, String line) {
    assertThat(Manifests.problems(Manifests.pod("  " + line)))
        .anyMatch(p -> p.startsWith(path + ": not built yet: "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "livenessProbe | livenessProbe: {httpGet: {port: 80}}",
        "readinessProbe | readinessProbe: {exec: {command: [a]}}",
        "startupProbe | startupProbe: {tcpSocket: {port: http}}",
        "lifecycle | lifecycle: {preStop: {sleep: {seconds: 1}}}",
        "lifecycle | lifecycle: {stopSignal: SIGUSR1}",
        "envFrom | envFrom: [{configMapRef: {name: x}}]",
        "env[0].valueFrom.secretKeyRef | env: [{name: a, valueFrom: {secretKeyRef: {name: x, key: k}}}]",
        "env[0].valueFrom.configMapKeyRef | env: [{name: a, valueFrom: {configMapKeyRef: {name: x, key: k}}}]",
        "volumeDevices | volumeDevices: [{name: x, devicePath: /dev/x}]",
        "restartPolicy | restartPolicy: Never",
        "restartPolicyRules | restartPolicyRules: [{action: Restart}]",
        "resources.claims | resources: {claims: [{name: x}]}",
        "resources.limits[ephemeral-storage] | resources: {limits: {ephemeral-storage: 1Gi}}",
        "resources.limits[nvidia.com/gpu] | resources: {limits: {nvidia.com/gpu: 1}}",
        "securityContext.procMount | securityContext: {procMount: Unmasked}",
        "volumeMounts[0].recursiveReadOnly | volumeMounts: [{name: v, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled}]",
        "volumeMounts[0].bindMountOptions | volumeMounts: [{name: v, mountPath: /a, bindMountOptions: [noexec]}]"
      })
  void fieldsOfContainers(String path, String line) {
    assertThat(Manifests.problems(Manifests.container("    " + line)))
        .anyMatch(p -> p.startsWith("spec.containers[0]." + path + ": not built yet: "));
  }

  @Test
  void aSidecarIsBuiltAndOtherInitPoliciesAreNot() {
    String init = "  initContainers: [{name: i, image: i, restartPolicy: %s}]";
    Manifests.accepted(Manifests.pod(init.formatted("Always")));
    assertThat(Manifests.problems(Manifests.pod(init.formatted("Never"))))
        .containsExactly(
            "spec.initContainers[0].restartPolicy: not built yet: only Always, which makes a"
                + " sidecar");
  }

  @Test
  void everythingThatIsBuiltIsAccepted() {
    Manifests.accepted("""
        apiVersion: v1
        kind: Pod
        metadata: {name: all, labels: {app: x}, annotations: {a.org/b: c}, ownerReferences: []}
        spec:
          affinity: {podAntiAffinity: {}}
          dnsPolicy: None
          dnsConfig: {nameservers: [10.0.0.10], searches: [a.b], options: [{name: ndots, value: "2"}]}
          enableServiceLinks: false
          hostAliases: [{ip: 10.0.0.1, hostnames: [db]}]
          hostIPC: true
          hostUsers: true
          hostname: h
          subdomain: s
          setHostnameAsFQDN: true
          nodeSelector: {kubernetes.io/os: linux}
          os: {name: linux}
          priority: 2000001000
          priorityClassName: system-node-critical
          schedulerName: mine
          shareProcessNamespace: true
          terminationGracePeriodSeconds: 0
          tolerations: [{operator: Exists}]
          securityContext:
            fsGroup: 1
            fsGroupChangePolicy: OnRootMismatch
            runAsNonRoot: true
            runAsUser: 1000
            seccompProfile: {type: RuntimeDefault}
            supplementalGroups: [5]
            sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]
          volumes:
          - {name: a}
          - {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
          - {name: h, hostPath: {path: /tmp, type: Directory}}
          initContainers:
          - {name: i, image: i, restartPolicy: Always}
          containers:
          - name: c
            image: i
            command: [a]
            args: [b]
            workingDir: /
            tty: true
            stdin: true
            ports: [{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1, name: http}]
            env:
            - {name: A, value: $(B)}
            - {name: P, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: L, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
            - {name: R, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
            resources: {limits: {cpu: 500m, memory: 64Mi}, requests: {ephemeral-storage: 1Gi}}
            securityContext:
              capabilities: {add: [NET_ADMIN], drop: [ALL]}
              privileged: false
              readOnlyRootFilesystem: true
              allowPrivilegeEscalation: false
            volumeMounts:
            - {name: a, mountPath: /a, subPath: x, mountPropagation: HostToContainer}
            - {name: m, mountPath: /m, readOnly: true}
            - {name: h, mountPath: /h, subPathExpr: $(A)}
            terminationMessagePath: /dev/x
            terminationMessagePolicy: FallbackToLogsOnError
            resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]
        """);
  }
}
