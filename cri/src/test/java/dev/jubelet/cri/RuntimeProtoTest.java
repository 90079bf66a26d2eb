package dev.jubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The proto against the table `runtime-v1-fields.txt`: a wrong number would still compile. It is
/// read as text, as the lite runtime has no descriptors.
class RuntimeProtoTest {
  private static final Pattern BEGIN = Pattern.compile("(message|enum) (\\w+) \\{(})?");
  private static final Pattern FIELD =
      Pattern.compile("(repeated )?(?:(map)<.*>|(?:\\w+\\.)*(\\w+)) (\\w+) = (\\d+)(?: \\[.*])?;");
  private static final Pattern VALUE = Pattern.compile("(\\w+) = (\\d+);");

  @Test
  void everyMessageAndEnumIsTheTables() throws IOException {
    assertThat(lines(blocks())).containsExactlyElementsOf(table());
  }

  @Test
  void enumValuesAreNumberedFromZero() throws IOException {
    assertThat(blocks())
        .filteredOn(Block::isEnum)
        .isNotEmpty()
        .allSatisfy(type -> assertThat(type.members)
            .extracting(Member::number)
            .isEqualTo(Stream.iterate(0, i -> i + 1).limit(type.members.size()).toList()));
  }

  @Test
  void thereAreFortyThreeCallsAndSevenOfThemStream() {
    var images = ImageServiceGrpc.getServiceDescriptor().getMethods();
    List<MethodDescriptor<?, ?>> methods =
        new ArrayList<>(RuntimeServiceGrpc.getServiceDescriptor().getMethods());
    methods.addAll(images);
    assertThat(methods).hasSize(43);
    assertThat(images).hasSize(6);
    assertThat(methods)
        .filteredOn(method -> method.getType() != MethodType.UNARY)
        .allMatch(method -> method.getType() == MethodType.SERVER_STREAMING)
        .extracting(MethodDescriptor::getBareMethodName)
        .containsExactlyInAnyOrder(
            "StreamPodSandboxes",
            "StreamContainers",
            "StreamContainerStats",
            "StreamPodSandboxStats",
            "StreamPodSandboxMetrics",
            "StreamImages",
            "GetContainerEvents");
  }

  /// A message or an enum; a nested one's name has the outer one's before a dot.
  private record Block(String name, boolean isEnum, List<Member> members) {
    String line() {
      Stream<Member> sorted = members.stream().sorted(Comparator.comparingInt(Member::number));
      return isEnum
          ? name + " = " + members.stream().map(Member::name).collect(Collectors.joining(" "))
          : (name + ": " + sorted.map(Member::toString).collect(Collectors.joining(", "))).strip();
    }
  }

  /// @param type empty for an enum's value
  private record Member(int number, String name, String type) {
    static Member ofField(String line) {
      Matcher field = matcher(FIELD, line);
      String type = field.group(2) == null ? field.group(3) : field.group(2);
      return new Member(
          Integer.parseInt(field.group(5)),
          field.group(4),
          (field.group(1) == null ? "" : "*") + type);
    }

    static Member ofValue(String line) {
      Matcher value = matcher(VALUE, line);
      return new Member(Integer.parseInt(value.group(2)), value.group(1), "");
    }

    private static Matcher matcher(Pattern pattern, String line) {
      Matcher matcher = pattern.matcher(line);
      assertThat(matcher.matches()).as("understood: %s", line).isTrue();
      return matcher;
    }

    @Override
    public String toString() {
      return number + " " + name + " " + type;
    }
  }

  private static List<Block> blocks() throws IOException {
    List<Block> all = new ArrayList<>();
    Deque<Block> open = new ArrayDeque<>();
    List<String> lines = Files.readAllLines(Path.of("src/main/protobuf/runtime.proto")).stream()
        .map(line -> line.replaceFirst("//.*", "").strip())
        .filter(line -> !line.isEmpty())
        .toList();
    for (String line : lines) {
      Matcher begin = BEGIN.matcher(line);
      if (begin.matches()) {
        String outer = open.isEmpty() ? "" : open.element().name + ".";
        open.push(
            new Block(outer + begin.group(2), begin.group(1).equals("enum"), new ArrayList<>()));
        all.add(open.element());
      } else if (!open.isEmpty() && !line.equals("}")) {
        Block block = open.element();
        block.members.add(block.isEnum ? Member.ofValue(line) : Member.ofField(line));
      }
      if (line.endsWith("}") && !open.isEmpty()) {
        open.pop();
      }
    }
    assertThat(open).isEmpty();
    return all;
  }

  private static Set<String> lines(List<Block> blocks) {
    return blocks.stream().map(Block::line).collect(Collectors.toCollection(TreeSet::new));
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
