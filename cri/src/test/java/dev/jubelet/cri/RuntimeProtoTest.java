package dev.jubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.jubelet.cri.v1.RuntimeProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The proto against the table `runtime-v1-fields.txt`: a wrong number would still compile.
class RuntimeProtoTest {
  private static final FileDescriptor FILE = RuntimeProto.getDescriptor();

  @Test
  void everyMessageAndEnumIsTheTables() throws IOException {
    assertThat(written()).containsExactlyElementsOf(table());
  }

  @Test
  void enumValuesAreNumberedFromZero() {
    for (EnumDescriptor type : FILE.getEnumTypes()) {
      assertThat(type.getValues())
          .extracting(EnumValueDescriptor::getNumber)
          .isEqualTo(
              Stream.iterate(0, i -> i + 1).limit(type.getValues().size()).toList());
    }
  }

  @Test
  void thereAreFortyThreeCallsAndSevenOfThemStream() {
    List<MethodDescriptor> methods =
        FILE.getServices().stream().flatMap(s -> s.getMethods().stream()).toList();
    assertThat(methods).hasSize(43);
    assertThat(FILE.findServiceByName("ImageService").getMethods()).hasSize(6);
    assertThat(methods)
        .filteredOn(MethodDescriptor::isServerStreaming)
        .extracting(MethodDescriptor::getName)
        .containsExactlyInAnyOrder(
            "StreamPodSandboxes",
            "StreamContainers",
            "StreamContainerStats",
            "StreamPodSandboxStats",
            "StreamPodSandboxMetrics",
            "StreamImages",
            "GetContainerEvents");
  }

  private static Set<String> written() {
    Set<String> lines = new TreeSet<>();
    for (Descriptor message : FILE.getMessageTypes()) {
      lines.add(line(message));
      message.getEnumTypes().forEach(nested -> lines.add(message.getName() + "." + line(nested)));
    }
    FILE.getEnumTypes().forEach(type -> lines.add(line(type)));
    return lines;
  }

  private static String line(Descriptor message) {
    String fields = message.getFields().stream()
        .sorted(Comparator.comparingInt(FieldDescriptor::getNumber))
        .map(f -> f.getNumber() + " " + f.getName() + " " + typeOf(f))
        .collect(Collectors.joining(", "));
    return (message.getName() + ": " + fields).strip();
  }

  private static String line(EnumDescriptor type) {
    return type.getName()
        + " = "
        + type.getValues().stream()
            .map(EnumValueDescriptor::getName)
            .collect(Collectors.joining(" "));
  }

  private static String typeOf(FieldDescriptor field) {
    if (field.isMapField()) {
      return "map";
    }
    String name = switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getName();
      case ENUM -> field.getEnumType().getName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
    return (field.isRepeated() ? "*" : "") + name;
  }

  private static Set<String> table() throws IOException {
    try (InputStream in = Objects.requireNonNull(
        RuntimeProtoTest.class.getResourceAsStream("/runtime-v1-fields.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.startsWith("#"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
