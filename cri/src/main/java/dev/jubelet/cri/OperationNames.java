package dev.jubelet.cri;

import io.grpc.MethodDescriptor;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The `operation_type` of upstream's runtime metrics for a method: its name in snake case, with
/// the
/// few words that upstream writes otherwise.
final class OperationNames {
  private static final Pattern BEFORE_CAPITAL = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

  private OperationNames() {}

  static String of(MethodDescriptor<?, ?> method) {
    return KNOWN.computeIfAbsent(
        Objects.requireNonNullElse(method.getBareMethodName(), "call"), OperationNames::name);
  }

  private static String name(String bare) {
    if (bare.equals("UpdateContainerResources")) {
      return "update_container";
    }
    return BEFORE_CAPITAL
        .matcher(bare)
        .replaceAll("_")
        .toLowerCase(Locale.ROOT)
        .replace("pod_sandbox", "podsandbox");
  }
}
