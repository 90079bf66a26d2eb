package dev.jubelet.dockershim.network;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules that CNI's plugins make for one sandbox, marked with its id. The bridge plugin leaves
/// its masquerading behind when the namespace was gone before DEL; nobody would ever remove it, and
/// the address's next owner would inherit it.
final class PluginRules {
  private static final Logger log = LoggerFactory.getLogger(PluginRules.class);
  private static final Duration RUN = Duration.ofSeconds(15);
  private static final Pattern TO_OWN_CHAIN = Pattern.compile(" -j (CNI-(?!HOSTPORT)\\S+)");

  private PluginRules() {}

  /// Removes what is left of a sandbox whose DEL is done.
  static void free(String sandboxId) throws InterruptedException {
    for (Iptables iptables : List.of(Iptables.IPV4, Iptables.IPV6)) {
      try {
        if (iptables.installed()) {
          List<String> rules =
              iptables.run(RUN, List.of("-t", "nat", "-S")).lines().toList();
          Optional<String> removal = removal(sandboxId, rules);
          if (removal.isPresent()) {
            iptables.restore(RUN, removal.get());
            log.info("{} rules of sandbox {} removed", iptables.program(), sandboxId);
          }
        }
      } catch (NetworkException e) {
        // A kernel without IPv6 has no such table.
        log.debug("{} rules of sandbox {} are not known", iptables.program(), sandboxId, e);
      }
    }
  }

  /// What `iptables-restore --noflush` takes to remove a sandbox's rules and the chains of its own.
  /// `rules` is what `iptables -t nat -S` printed; empty when none is the sandbox's.
  static Optional<String> removal(String sandboxId, List<String> rules) {
    List<String> own = rules.stream()
        .filter(rule -> rule.startsWith("-A ") && rule.contains("id: \\\"" + sandboxId + "\\\""))
        .toList();
    Set<String> chains =
        own.stream().flatMap(rule -> target(rule).stream()).collect(Collectors.toSet());
    List<String> lines = new ArrayList<>(List.of("*nat"));
    own.stream()
        .filter(rule -> !chains.contains(rule.split(" ", 3)[1]))
        .forEach(rule -> lines.add("-D " + rule.substring("-A ".length())));
    chains.stream().sorted().forEach(chain -> {
      lines.add("-F " + chain);
      lines.add("-X " + chain);
    });
    lines.add("COMMIT\n");
    return own.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
  }

  private static Optional<String> target(String rule) {
    Matcher matcher = TO_OWN_CHAIN.matcher(rule);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
