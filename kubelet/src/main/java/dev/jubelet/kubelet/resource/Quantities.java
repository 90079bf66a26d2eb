package dev.jubelet.kubelet.resource;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Numbers of Kubernetes quantities. Fractions round up and what is too big for a long saturates,
/// as upstream's `Quantity.Value()` and `MilliValue()` do.
public final class Quantities {
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
  private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private Quantities() {}

  /// Bytes, or a plain count; 0 when absent.
  public static long value(@Nullable Quantity quantity) {
    return ceiling(number(quantity));
  }

  /// Thousandths, the unit of CPU; 0 when absent.
  public static long milli(@Nullable Quantity quantity) {
    return ceiling(number(quantity).multiply(THOUSAND));
  }

  /// The number itself; 0 when absent.
  public static BigDecimal number(@Nullable Quantity quantity) {
    return quantity == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(quantity);
  }

  /// The entry of a requests or limits map, null-safe.
  public static @Nullable Quantity entry(@Nullable Map<String, Quantity> amounts, String resource) {
    return amounts == null ? null : amounts.get(resource);
  }

  private static long ceiling(BigDecimal number) {
    return number.setScale(0, RoundingMode.CEILING).min(MAX).longValueExact();
  }
}
