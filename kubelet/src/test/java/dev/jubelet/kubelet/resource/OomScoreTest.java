package dev.jubelet.kubelet.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OomScoreTest {
  private static final long NODE = 4L << 30;

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                           | 1000
      {limits: {cpu: 1, memory: 1}, requests: {cpu: 1, memory: 1}} | -997
      {requests: {memory: 1Gi}}                                    | 750
      {requests: {memory: 4Gi}}                                    | 3
      {requests: {memory: 8Gi}}                                    | 3
      {requests: {memory: 1}}                                      | 999
      {requests: {cpu: 1}}                                         | 999
      """)
  void ofOneContainer(String resources, int expected) {
    var pod =
        TestPods.spec("containers: [{name: c, image: i, resources: %s}]".formatted(resources));
    assertThat(OomScore.of(pod, pod.containers().getFirst(), NODE)).isEqualTo(expected);
  }

  @Test
  void nodeCriticalStaticPodIsProtected() {
    var pod = TestPods.spec(
        "{priorityClassName: system-node-critical, containers: [{name: c, image: i}]}");
    assertThat(OomScore.of(pod, pod.containers().getFirst(), NODE)).isEqualTo(-997);
  }

  @Test
  void sidecarIsNotKilledBeforeTheContainersItServes() {
    var pod = TestPods.spec("""
        initContainers: [{name: s, image: i, restartPolicy: Always}]
        containers:
        - {name: a, image: i, resources: {requests: {memory: 2Gi}}}
        - {name: b, image: i, resources: {requests: {memory: 1Gi}}}
        """);
    assertThat(OomScore.of(pod, pod.initContainers().getFirst(), NODE)).isEqualTo(750);
  }
}
