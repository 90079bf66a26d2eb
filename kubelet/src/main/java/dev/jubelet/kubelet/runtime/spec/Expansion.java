package dev.jubelet.kubelet.runtime.spec;

import java.util.Map;
import java.util.function.UnaryOperator;

/// `$(NAME)` references (upstream `third_party/forked/golang/expansion`): `$$` is a dollar sign,
/// everything else that is no reference stays as it is.
final class Expansion {
  private Expansion() {}

  /// What is not in `variables` is left as it is.
  static String lenient(String text, Map<String, String> variables) {
    return expand(text, name -> {
      String value = variables.get(name);
      return value == null ? "$(" + name + ")" : value;
    });
  }

  /// @throws CreateContainerConfigException when a variable is missing
  static String strict(String text, Map<String, String> variables) {
    return expand(text, name -> {
      String value = variables.get(name);
      if (value == null) {
        throw new CreateContainerConfigException(
            "missing value for \"%s\" in %s".formatted(name, text));
      }
      return value;
    });
  }

  private static String expand(String text, UnaryOperator<String> value) {
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '$' || at + 1 == text.length()) {
        out.append(c);
        at++;
        continue;
      }
      int close = text.charAt(at + 1) == '(' ? text.indexOf(')', at) : -1;
      if (close > 0) {
        out.append(value.apply(text.substring(at + 2, close)));
        at = close + 1;
      } else {
        // "$$" gives one dollar, "$x" and an unclosed "$(" stay
        out.append(text.charAt(at + 1) == '$' ? "$" : text.substring(at, at + 2));
        at += 2;
      }
    }
    return out.toString();
  }
}
