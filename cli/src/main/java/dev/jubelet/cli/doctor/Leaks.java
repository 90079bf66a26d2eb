package dev.jubelet.cli.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a look showed → what is amiss. Pure, so each rule is a row of `LeaksTest`.
final class Leaks {
  private Leaks() {}

  /// In a stable order: leaks, missing parts, foreign things; each by kind and name.
  static List<Finding> of(Seen seen, Given given) {
    Census census = new Census(seen.containers(), seen.owners());
    List<Finding> all = new ArrayList<>();
    all.addAll(new ContainerCheck(seen, census, given).findings());
    all.addAll(new NetworkCheck(seen, census, given).findings());
    all.addAll(new FileCheck(seen, census, given).findings());
    return all.stream()
        .distinct()
        .sorted(Comparator.comparing(Finding::verdict)
            .thenComparing(Finding::kind)
            .thenComparing(Finding::name))
        .toList();
  }
}
