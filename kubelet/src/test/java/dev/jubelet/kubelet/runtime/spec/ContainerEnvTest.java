package dev.jubelet.kubelet.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.jubelet.kubelet.resource.TestPods;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerEnvTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      plain       | plain
      $(A)        | 1
      x$(A)y$(B)z | x1y2z
      $$(A)       | $(A)
      $$$(A)      | $1
      $(NONE)     | $(NONE)
      $(          | $(
      $(A         | $(A
      $           | $
      a$          | a$
      $x          | $x
      $()         | $()
      $é          | $é
      """)
  void expansion(String text, String expanded) {
    assertThat(Expansion.lenient(text, Map.of("A", "1", "B", "2"))).isEqualTo(expanded);
  }

  @Test
  void subPathExpressionNeedsItsVariables() {
    var expand = ContainerEnv.subPathExpansion(Map.of("A", "1"));
    assertThat(expand.apply("$(A)/x")).isEqualTo("1/x");
    assertThatThrownBy(() -> expand.apply("$(NOPE)/x"))
        .isInstanceOf(CreateContainerConfigException.class)
        .hasMessage("missing value for \"NOPE\" in $(NOPE)/x");
  }

  @Test
  void laterVariablesSeeEarlierOnesAndTheLastOfANameWins() {
    assertThat(env("""
        - {name: B, value: $(A)}
        - {name: A, value: "1"}
        - {name: C, value: $(A)$(B)}
        - {name: A, value: "2"}
        - {name: E}
        """))
        .containsExactly(entry("B", "$(A)"), entry("A", "2"), entry("C", "1$(A)"), entry("E", ""));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      metadata.name                    | web
      metadata.namespace               | shop
      metadata.uid                     | u-1
      metadata.labels['a.b/c']         | yes
      metadata.annotations['note']     | hi
      metadata.labels['none']          | ''
      spec.nodeName                    | node-1
      spec.serviceAccountName          | sa
      status.hostIP                    | 192.0.2.1
      status.hostIPs                   | 192.0.2.1,2001:db8::1
      status.podIP                     | 10.1.0.2
      status.podIPs                    | 10.1.0.2,fd00::2
      """)
  void fields(String path, String value) {
    assertThat(env("- {name: X, valueFrom: {fieldRef: {fieldPath: \"%s\"}}}".formatted(path)))
        .containsExactly(entry("X", value));
  }

  @ParameterizedTest(name = "{0} / {1}")
  @CsvSource({
    "limits.cpu,'',1",
    "limits.cpu,1m,250",
    "requests.cpu,1m,100",
    "limits.memory,'',4294967296",
    "limits.memory,1Mi,4096",
    "requests.memory,1Mi,2",
    "requests.ephemeral-storage,'',0",
    "limits.ephemeral-storage,1Gi,10",
    "limits.hugepages-2Mi,'',0"
  })
  void resources(String resource, String divisor, String value) {
    assertThat(env("- {name: X, valueFrom: {resourceFieldRef: {resource: %s%s}}}"
            .formatted(resource, divisor.isEmpty() ? "" : ", divisor: " + divisor)))
        .containsExactly(entry("X", value));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {configMapKeyRef: {name: a, key: b}}          | env X: valueFrom takes fieldRef
      {secretKeyRef: {name: a, key: b}}             | env X: valueFrom takes fieldRef
      {fieldRef: {fieldPath: spec.containers}}      | unsupported fieldPath: "spec.containers"
      {resourceFieldRef: {resource: limits.gpu}}    | unsupported container resource: "limits.gpu"
      {resourceFieldRef: {resource: cpu}}           | unsupported container resource: "cpu"
      {resourceFieldRef: {resource: limits.cpu, containerName: no}} | container no not found
      """)
  void whatCannotBeResolvedIsNamed(String source, String message) {
    assertThatThrownBy(() -> env("- {name: X, valueFrom: %s}".formatted(source)))
        .isInstanceOf(CreateContainerConfigException.class)
        .hasMessageContaining(message);
  }

  private static Map<String, String> env(String variables) {
    var pod = TestPods.yaml("""
        metadata:
          name: web
          namespace: shop
          labels: {a.b/c: "yes"}
          annotations: {note: hi}
        spec:
          serviceAccountName: sa
          containers:
          - name: c
            image: i
            resources: {limits: {cpu: 250m}, requests: {cpu: 100m, memory: 2Mi}}
            env:
        """ + variables.indent(4));
    return ContainerEnv.of(
        pod, pod.containers().getFirst(), List.of("10.1.0.2", "fd00::2"), TestNode.NODE);
  }
}
