package dev.jubelet.kubelet.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodResourcesTest {

  @Test
  void largestInitContainerOrTheSumWithSidecars() {
    var pod = TestPods.spec("""
        initContainers:
        - {name: s, image: i, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
        - {name: big, image: i, resources: {requests: {cpu: 2}}}
        containers:
        - {name: a, image: i, resources: {limits: {cpu: 500m, memory: 1Ki}}}
        - {name: b, image: i, resources: {requests: {cpu: 1, memory: 10}}}
        """);
    assertThat(PodResources.of(pod)).isEqualTo(new PodResources(2100, 500, 1034, 1024));
  }

  @ParameterizedTest
  @CsvSource({"0,2", "1,2", "2,2", "10,10", "500,512", "1000,1024", "1000000,262144"})
  void shares(long milli, long shares) {
    assertThat(CpuShares.ofMilli(milli)).isEqualTo(shares);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,1000", "10,1000", "250,25000", "1500,150000"})
  void quotaOfTheUsualPeriod(long milli, long micros) {
    assertThat(CpuShares.quotaMicros(milli, Duration.ofMillis(100))).isEqualTo(micros);
  }

  @ParameterizedTest
  @CsvSource({"1.5,2,1500", "1500m,2,1500", "1Ki,1024,1024000", "1e3,1000,1000000", "100u,1,1"})
  void quantitiesRoundUp(String text, long value, long milli) {
    var quantity = Quantity.parse(text);
    assertThat(Quantities.value(quantity)).isEqualTo(value);
    assertThat(Quantities.milli(quantity)).isEqualTo(milli);
  }

  @Test
  void tooBigQuantitySaturates() {
    var quantity = Quantity.parse("9E");
    assertThat(Quantities.milli(quantity)).isEqualTo(Long.MAX_VALUE);
  }
}
