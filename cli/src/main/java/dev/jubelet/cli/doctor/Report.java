package dev.jubelet.cli.doctor;

import dev.jubelet.cli.look.PsCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What was found, for a person and for a program.
final class Report {
  private static final JsonMapper JSON = new JsonMapper();

  private Report() {}

  static String text(Looks.Result result) {
    List<List<String>> rows = new ArrayList<>();
    for (Finding finding : result.findings()) {
      rows.add(List.of(
          finding.verdict().name(), finding.kind(), finding.name(), finding.why(), finding.fix()));
    }
    long leaks = count(result, Finding.Verdict.LEAK);
    long missing = count(result, Finding.Verdict.MISSING);
    String sum = leaks + missing == 0
        ? "nothing leaks: %d pods run".formatted(result.pods())
        : "%d leaks, %d parts missing: %d pods run".formatted(leaks, missing, result.pods());
    return PsCommand.table(rows) + sum + "\n";
  }

  private static long count(Looks.Result result, Finding.Verdict verdict) {
    return result.findings().stream()
        .filter(finding -> finding.verdict() == verdict)
        .count();
  }

  static String json(Looks.Result result) {
    ObjectNode root = JSON.createObjectNode();
    root.put("pods", result.pods());
    ArrayNode list = root.putArray("findings");
    for (Finding finding : result.findings()) {
      list.addObject()
          .put("verdict", lower(finding.verdict()))
          .put("kind", finding.kind())
          .put("name", finding.name())
          .put("why", finding.why())
          .put("fix", finding.fix());
    }
    return pretty(root);
  }

  static String text(List<Advice> advice) {
    StringBuilder text = new StringBuilder();
    for (Advice one : advice) {
      text.append("%-8s %-12s %s%n".formatted(one.level(), one.subject(), one.what()));
      if (!one.fix().isEmpty()) {
        text.append("%-21s fix: %s%n".formatted("", one.fix()));
      }
    }
    return text.append("%d problems, %d warnings, %d notes%n"
            .formatted(
                count(advice, Advice.Level.PROBLEM),
                count(advice, Advice.Level.WARNING),
                count(advice, Advice.Level.NOTE)))
        .toString();
  }

  private static long count(List<Advice> advice, Advice.Level level) {
    return advice.stream().filter(one -> one.level() == level).count();
  }

  static String json(List<Advice> advice) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode list = root.putArray("advice");
    for (Advice one : advice) {
      list.addObject()
          .put("level", lower(one.level()))
          .put("subject", one.subject())
          .put("what", one.what())
          .put("fix", one.fix());
    }
    return pretty(root);
  }

  private static String pretty(ObjectNode root) {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }
}
