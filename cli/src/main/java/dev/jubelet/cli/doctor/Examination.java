package dev.jubelet.cli.doctor;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Facts about the machine → what to say of it, the worst first. Pure.
final class Examination {
  private Examination() {}

  static List<Advice> of(Facts facts) {
    return Stream.concat(EngineAdvice.of(facts).stream(), HostAdvice.of(facts).stream())
        .sorted(Comparator.comparing(Advice::level))
        .toList();
  }
}
