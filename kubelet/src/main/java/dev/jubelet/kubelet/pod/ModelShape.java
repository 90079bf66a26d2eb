package dev.jubelet.kubelet.pod;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.jubelet.kubelet.yaml.Nearest;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Compares a tree with a model class before it is bound, so that every unknown field and every
/// wrong type is named with its path, all at once. (The model itself would swallow unknown fields
/// and turn numbers into strings.)
final class ModelShape {
  private static final Pattern QUANTITY = Pattern.compile(
      "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?");
  private static final String QUANTITY_FORM =
      "quantities look like 500m, 2, 1.5, 128Mi or 1G (at most 40 characters)";
  private static final Map<Class<?>, Map<String, Type>> FIELDS = new ConcurrentHashMap<>();

  private final FieldErrors errors;
  private final boolean strict;

  /// @param strict whether a field that the model does not know is a problem
  ModelShape(FieldErrors errors, boolean strict) {
    this.errors = errors;
    this.strict = strict;
  }

  void check(JsonNode node, Type type, String path) {
    if (node.isNull()) {
      return;
    }
    if (type instanceof ParameterizedType generic) {
      collection(node, generic, path);
    } else if (type == String.class) {
      expect(node.isString(), node, path, "a string");
    } else if (type == Boolean.class) {
      expect(node.isBoolean(), node, path, "true or false");
    } else if (type == Integer.class) {
      expect(
          node.isIntegralNumber() && node.canConvertToInt(), node, path, "a whole number, 32 bits");
    } else if (type == Long.class) {
      expect(
          node.isIntegralNumber() && node.canConvertToLong(),
          node,
          path,
          "a whole number, 64 bits");
    } else if (type == Quantity.class) {
      quantity(node, path);
    } else if (type == IntOrString.class) {
      expect(node.isIntegralNumber() || node.isString(), node, path, "a whole number or a string");
    } else if (type instanceof Class<?> model && model.getName().startsWith("io.fabric8.")) {
      object(node, model, path);
    }
  }

  private void collection(JsonNode node, ParameterizedType type, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (arguments.length == 1) {
      if (expect(node.isArray(), node, path, "a list")) {
        for (int i = 0; i < node.size(); i++) {
          element(node.get(i), arguments[0], path + "[" + i + "]");
        }
      }
    } else if (expect(node.isObject(), node, path, "a mapping")) {
      node.properties().forEach(e -> element(e.getValue(), arguments[1], key(path, e.getKey())));
    }
  }

  private void element(JsonNode node, Type type, String path) {
    if (node.isNull()) {
      errors.invalid(path, "null", "an entry must have a value");
    } else {
      check(node, type, path);
    }
  }

  private void object(JsonNode node, Class<?> model, String path) {
    if (!expect(node.isObject(), node, path, "a mapping")) {
      return;
    }
    Map<String, Type> fields = FIELDS.computeIfAbsent(model, ModelShape::fields);
    node.properties().forEach(e -> {
      Type type = fields.get(e.getKey());
      String child = path.isEmpty() ? e.getKey() : path + "." + e.getKey();
      if (type != null) {
        check(e.getValue(), type, child);
      } else if (strict) {
        unknown(child, e.getKey(), fields);
      }
    });
  }

  private void unknown(String path, String name, Map<String, Type> fields) {
    if (errors.isFull()) {
      errors.unknown(path, "");
      return;
    }
    String shown = path.length() <= 200 ? path : path.substring(0, 200) + "…";
    errors.unknown(
        shown,
        Nearest.to(name, fields.keySet())
            .map(near -> "did you mean \"%s\"?".formatted(near))
            .orElse("remove it"));
  }

  private void quantity(JsonNode node, String path) {
    if (node.isNumber()) {
      return;
    }
    if (expect(node.isString(), node, path, "a quantity")) {
      String text = node.stringValue();
      if (text.length() > 40 || !QUANTITY.matcher(text).matches()) {
        errors.invalid(path, text, QUANTITY_FORM);
      }
    }
  }

  private boolean expect(boolean holds, JsonNode node, String path, String wanted) {
    if (!holds) {
      boolean quote = wanted.equals("a string") && node.isValueNode();
      errors.invalid(
          path,
          node.isValueNode() ? node.asString() : node.isArray() ? "a list" : "a mapping",
          "must be " + wanted + (quote ? ", so put it in quotes" : ""));
    }
    return holds;
  }

  private static String key(String path, String key) {
    return path + "[" + (key.length() <= 100 ? key : key.substring(0, 100) + "…") + "]";
  }

  private static Map<String, Type> fields(Class<?> model) {
    Map<String, Type> fields = new TreeMap<>();
    for (Class<?> c = model; c != null && c != Object.class; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !field.getName().equals("additionalProperties")) {
          JsonProperty property = field.getAnnotation(JsonProperty.class);
          boolean named = property != null && !property.value().isEmpty();
          fields.put(named ? property.value() : field.getName(), field.getGenericType());
        }
      }
    }
    return fields;
  }
}
