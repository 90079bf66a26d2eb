package dev.jubelet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapHistogramTest {
  private static final String TEXT = """
       num     #instances         #bytes  class name (module)
      -------------------------------------------------------
         1:          9000         720000  [B (java.base@25.0.1)
         2:            10            480  dev.jubelet.Thing
         3:             5            240  dev.jubelet.Thing
      Total          9015         720720
      """;

  @Test
  void whatLivesIsReadByClass() {
    HeapHistogram heap = HeapHistogram.parse(TEXT);
    assertThat(heap.bytes()).isEqualTo(720_720);
    assertThat(heap.instances("dev.jubelet.Thing")).isEqualTo(15);
    assertThat(heap.instances("[B")).isEqualTo(9000);
    assertThat(heap.instances("java.lang.VirtualThread")).isZero();
  }

  @Test
  void theClassesThatGrewMostComeFirst() {
    HeapHistogram after =
        HeapHistogram.parse(TEXT.replace("720000", "730000").replace("9000", "9100"));
    assertThat(after.growth(HeapHistogram.parse(TEXT), 1))
        .containsExactly("+10000 bytes, +100 of [B");
  }
}
