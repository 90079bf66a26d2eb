package dev.jubelet.kubelet.pod;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Problems of one object in upstream's words (`apimachinery/pkg/util/validation/field`): each
/// names the field's path, what is wrong and what would be right. Bounded, as input may be hostile.
final class FieldErrors {
  private static final int MOST = 50;

  private final List<String> problems = new ArrayList<>();
  private int more;

  void required(String path, String detail) {
    add(path, "Required value", detail);
  }

  void invalid(String path, Object value, String detail) {
    add(path, "Invalid value: " + quoted(value), detail);
  }

  void unsupported(String path, String value, String... supported) {
    String list =
        Arrays.stream(supported).map(FieldErrors::quoted).collect(Collectors.joining(", "));
    add(path, "Unsupported value: " + quoted(value), "supported values: " + list);
  }

  void duplicate(String path, String value) {
    add(path, "Duplicate value: " + quoted(value), "");
  }

  void forbidden(String path, String detail) {
    add(path, "Forbidden", detail);
  }

  void notFound(String path, String value) {
    add(path, "Not found: " + quoted(value), "");
  }

  void tooLong(String path, int most) {
    add(path, "Too long", "may not be more than %d bytes".formatted(most));
  }

  void unknown(String path, String detail) {
    add(path, "unknown field", detail);
  }

  void notBuilt(String path, String fix) {
    add(path, "not built yet", fix);
  }

  /// All problems; when there are too many, the last line says how many were left out.
  List<String> list() {
    if (more == 0) {
      return List.copyOf(problems);
    }
    List<String> all = new ArrayList<>(problems);
    all.add("and %d more problems".formatted(more));
    return List.copyOf(all);
  }

  /// Whether further problems are only counted, so that nobody takes trouble over their words.
  boolean isFull() {
    return problems.size() >= MOST;
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  private void add(String path, String what, String detail) {
    if (isFull()) {
      more++;
      return;
    }
    problems.add(path + ": " + what + (detail.isEmpty() ? "" : ": " + detail));
  }

  private static String quoted(Object value) {
    String text = String.valueOf(value);
    String brief = text.length() <= 100 ? text : text.substring(0, 100) + "…";
    return value instanceof String ? '"' + brief.replace("\n", "\\n") + '"' : brief;
  }
}
