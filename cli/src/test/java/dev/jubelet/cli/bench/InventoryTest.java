package dev.jubelet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InventoryTest {
  private static final Inventory BEFORE = new Inventory(
      Map.of("thread", Map.of("sync", 1L, "carrier-#", 2L), "file", Map.of("root/owner", 1L)));

  @Test
  void theSameAndLessIsNoGrowth() {
    assertThat(BEFORE.since(BEFORE)).isEmpty();
    assertThat(new Inventory(Map.of("thread", Map.of("sync", 1L))).since(BEFORE))
        .isEmpty();
  }

  @Test
  void growthIsNamedALineEach() {
    Inventory after = new Inventory(Map.of(
        "thread",
        Map.of("sync", 1L, "carrier-#", 5L),
        "file",
        Map.of("root/owner", 1L, "leases/10.0.0.7", 1L),
        "mount",
        Map.of("/m", 1L)));
    assertThat(after.since(BEFORE))
        .map(Inventory.Growth::toString)
        .containsExactly(
            "file leases/10.0.0.7: 0 before, 1 after",
            "mount /m: 0 before, 1 after",
            "thread carrier-#: 2 before, 5 after");
    assertThat(after.count("thread")).isEqualTo(6);
  }
}
