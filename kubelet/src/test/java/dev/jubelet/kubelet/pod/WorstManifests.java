package dev.jubelet.kubelet.pod;

import dev.jubelet.kubelet.pod.StaticPods.Taken;
import dev.jubelet.kubelet.yaml.BoundedYaml;
import dev.jubelet.kubelet.yaml.YamlException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A program that reads the worst manifests, one after the other, beside as much memory as an agent
/// holds by itself. It prints a line for each.
final class WorstManifests {
  private static final int AGENT = 40 << 20;
  private static final String HEAD =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n";
  private static final String ONE = "  - {name: c, image: i}\n";

  private WorstManifests() {}

  public static void main(String[] args) {
    byte[] agent = new byte[AGENT];
    var pods = new StaticPods("file", "n", List.of(), InstantSource.system());
    texts().forEach((name, shape) -> {
      System.out.println(name + ": " + outcome(pods, shape.text()));
    });
    System.out.println(agent.length + " bytes are still there");
  }

  private static String outcome(StaticPods pods, byte[] text) {
    try {
      List<Taken> taken = pods.take(text, "file:f");
      return taken.getFirst() instanceof Taken.Accepted
          ? "accepted"
          : "refused: " + ((Taken.Refused) taken.getFirst()).problems().getFirst();
    } catch (YamlException e) {
      return "unreadable: " + e.getMessage();
    }
  }

  private record Shape(String begin, String each, String end, int most) {
    Shape(String begin, String each, String end) {
      this(begin, each, end, Integer.MAX_VALUE);
    }

    byte[] text() {
      StringBuilder text = new StringBuilder(BoundedYaml.MAX_BYTES).append(begin);
      int room = BoundedYaml.MAX_BYTES - each.length() - end.length() - 12;
      if (each.indexOf('%') < 0) {
        text.append(each.repeat((room - begin.length()) / each.length()));
      }
      for (int i = 0; each.indexOf('%') >= 0 && i < most && text.length() < room; i++) {
        text.append(each.replace("%", String.valueOf(i)).replace("^", "%"));
      }
      return text.append(end).toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  private static Map<String, Shape> texts() {
    Map<String, Shape> texts = new LinkedHashMap<>();
    String many = HEAD.replace("{name: a}", "{name: a, annotations: {");
    texts.put(
        "annotations",
        new Shape(
            many.substring(0, many.indexOf("annotations: {") + 14),
            "k%: v,",
            "}}\n" + HEAD.substring(HEAD.indexOf("spec")) + ONE));
    texts.put(
        "long annotations",
        new Shape(
            many.substring(0, many.indexOf("annotations: {") + 14),
            "k%: " + "v".repeat(200) + ",",
            "}}\n" + HEAD.substring(HEAD.indexOf("spec")) + ONE));
    texts.put(
        "variables",
        new Shape(HEAD + "  - name: c\n    image: i\n    env: [", "{name: A%, value: v},", "]\n"));
    texts.put(
        "long variables",
        new Shape(
            HEAD + "  - name: c\n    image: i\n    env: [",
            "{name: A%, value: " + "v".repeat(300) + "},",
            "]\n"));
    texts.put(
        "just not too many variables",
        new Shape(
            HEAD + "  - name: c\n    image: i\n    env: [",
            "{name: A%, value: " + "v".repeat(200) + "},",
            "]\n",
            39_000));
    texts.put("containers", new Shape(HEAD, "  - {name: c%, image: i}\n", ""));
    texts.put("unknown fields", new Shape(HEAD + ONE + "  ", "field%: 1\n  ", ""));
    texts.put("long unknown fields", new Shape(HEAD + ONE + "  ", "f".repeat(90) + "%: 1\n  ", ""));
    texts.put(
        "wrong types", new Shape(HEAD + "  - name: c\n    image: i\n    args: [", "%,", "]\n"));
    texts.put("pods", new Shape("", HEAD.replace("a}", "a%}") + ONE + "---\n", ""));
    texts.put("documents", new Shape("", "a: 1\n--- \n", ""));
    texts.put("empty lists", new Shape("", "- []\n", ""));
    texts.put("json objects", new Shape("{\"a\":[", "{\"a\":1},", "1]}"));
    texts.put("json numbers", new Shape("{\"a\":[", "1,", "1]}"));
    texts.put(
        "json pods",
        new Shape(
            "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[",
            "{\"metadata\":{\"name\":\"a%\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}},",
            "{}]}"));
    texts.put(
        "one text",
        new Shape(HEAD + "  - name: c\n    image: i\n    args: [\"", "x\u00e9", "\"]\n"));
    texts.put("aliases", new Shape("a: &a {k: v}\nb: [", "*a,", "]\n"));
    texts.put("merges", new Shape("a: &a {k: v}\nb: {<<: [", "*a,", "]}\n"));
    texts.put("anchors", new Shape("", "- &a% x\n", ""));
    texts.put("comments", new Shape("", "# %\n", HEAD + ONE));
    texts.put("tabs", new Shape(HEAD + ONE, "\t", ""));
    texts.put("brackets", new Shape("", "[", ""));
    texts.put("braces", new Shape("a: ", "{? ", ""));
    texts.put("dashes", new Shape("", "- ", "x"));
    texts.put("quotes", new Shape("", "\"", ""));
    texts.put("question marks", new Shape("", "? ", ""));
    texts.put("colons", new Shape("", "a: ", ""));
    texts.put("folded", new Shape("a: >\n", " x\n\n", ""));
    texts.put("plain lines", new Shape("a:\n", " x\n", ""));
    texts.put("directives", new Shape("", "^TAG !t% tag:x,1:\n", "--- a\n"));
    return texts;
  }
}
