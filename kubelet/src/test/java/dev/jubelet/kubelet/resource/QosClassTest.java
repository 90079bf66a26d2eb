package dev.jubelet.kubelet.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QosClassTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                                      | BestEffort
      {limits: {cpu: 0, memory: 0}}                                           | BestEffort
      {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}} | Guaranteed
      {limits: {cpu: 1, memory: 1Gi}}                                         | Burstable
      {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 512Mi}}      | Burstable
      {limits: {memory: 1Gi}, requests: {memory: 1Gi}}                        | Burstable
      {requests: {cpu: 1m}}                                                   | Burstable
      {limits: {ephemeral-storage: 1Gi}}                                      | BestEffort
      """)
  void ofOneContainer(String resources, String expected) {
    var pod =
        TestPods.spec("containers: [{name: c, image: i, resources: %s}]".formatted(resources));
    assertThat(QosClass.of(pod).apiName()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                                             | Burstable
      {limits: {cpu: 1, memory: 1}, requests: {cpu: 1, memory: 1}}   | Guaranteed
      """)
  void initContainersCount(String init, String expected) {
    var pod = TestPods.spec("""
        initContainers: [{name: i, image: i, resources: %s}]
        containers:
        - {name: c, image: i, resources: {limits: {cpu: 1, memory: 1}, requests: {cpu: 1, memory: 1}}}
        """.formatted(init));
    assertThat(QosClass.of(pod).apiName()).isEqualTo(expected);
  }

  @Test
  void resourcesOfThePodDecideAlone() {
    var pod = TestPods.spec("""
        resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}
        containers: [{name: c, image: i}]
        """);
    assertThat(QosClass.of(pod)).isEqualTo(QosClass.GUARANTEED);
  }
}
