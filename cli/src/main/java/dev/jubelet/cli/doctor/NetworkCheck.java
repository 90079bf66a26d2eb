package dev.jubelet.cli.doctor;

import dev.jubelet.cli.doctor.Seen.Holder;
import dev.jubelet.dockershim.network.NetworkSurvey;
import dev.jubelet.dockershim.network.NetworkSurvey.Joined;
import dev.jubelet.dockershim.network.NetworkSurvey.Lease;
import dev.jubelet.dockershim.network.NetworkSurvey.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Networks: results, addresses, rules, interfaces and namespaces of sandboxes that do not run, and
/// what a running one lacks. Pure.
final class NetworkCheck {
  /// How the CNI plugins mark their rules.
  private static final Pattern OF_SANDBOX = Pattern.compile("id: \\\\\"([0-9a-f]{64})\\\\\"");

  private static final Pattern LINK = Pattern.compile(" -[io] (\\S+)");
  private static final Pattern TARGET = Pattern.compile(" -j (CNI-\\S+)");

  private final Seen seen;
  private final Census census;
  private final Given given;
  private final Set<String> owners;
  private final Set<String> others;
  private final List<Finding> findings = new ArrayList<>();

  NetworkCheck(Seen seen, Census census, Given given) {
    this.seen = seen;
    this.census = census;
    this.given = given;
    this.owners = seen.owners();
    // Whose cache entry is another's is another's itself.
    this.others = seen.joined().stream()
        .filter(entry -> !owners.contains(entry.owner()))
        .map(Joined::sandboxId)
        .collect(Collectors.toSet());
  }

  List<Finding> findings() {
    for (Joined entry : seen.joined()) {
      if (owners.contains(entry.owner())) {
        if (census.runs(entry.sandboxId())) {
          parts(entry);
        } else {
          leftover(entry);
        }
      }
    }
    seen.leases().forEach(this::lease);
    rules();
    owners.forEach(owner -> {
      chain(owner, "iptables", Joined::ipv4Links);
      chain(owner, "ip6tables", Joined::ipv6Links);
    });
    return findings;
  }

  private void leftover(Joined entry) {
    findings.add(Finding.leak(
        "cni-result",
        entry.file().toString(),
        ended(entry.sandboxId()) + "; the next start of its agent frees its network",
        "rm " + entry.file()));
    for (String name : entry.interfaces()) {
      if (name.startsWith("veth") && seen.interfaces().contains(name)) {
        findings.add(
            Finding.leak("interface", name, ended(entry.sandboxId()), "ip link del " + name));
      }
    }
    namespace(entry);
  }

  /// The kernel gives an identity to another namespace later: one that a container of the engine's
  /// has is that container's.
  private void namespace(Joined entry) {
    Set<Holder> holders = seen.namespaces().getOrDefault(entry.netns(), Set.of());
    boolean inUse = holders.stream()
        .anyMatch(holder -> census.exists(seen.processes().getOrDefault(holder.pid(), "")));
    if (inUse) {
      return;
    }
    for (Holder holder : holders) {
      boolean process = holder.pid() > 0;
      String by = process ? "process " + holder.pid() : "a mount at " + holder.path();
      findings.add(Finding.leak(
          "network-namespace",
          entry.netns(),
          ended(entry.sandboxId()) + ", and " + by + " keeps it",
          process ? "kill -9 " + holder.pid() : "umount " + holder.path()));
    }
  }

  private void parts(Joined entry) {
    String sandbox = "sandbox " + Finding.brief(entry.sandboxId());
    if (entry.cutShort()) {
      findings.add(Finding.missing(
          "cni-result",
          entry.file().toString(),
          sandbox + " runs and its network was not joined to the end",
          given.removal(entry.sandboxId())));
    }
    Set<Path> leased = seen.leases().stream().map(Lease::file).collect(Collectors.toSet());
    for (Path lease : entry.leases()) {
      if (!leased.contains(lease)) {
        findings.add(Finding.missing(
            "ip-lease",
            lease.toString(),
            "another pod may get the address of " + sandbox,
            given.removal(entry.sandboxId())));
      }
    }
  }

  private void lease(Lease lease) {
    String id = lease.sandboxId();
    if (census.runs(id)
        || (census.exists(id) && !census.isOurs(id))
        || seen.elsewhere().contains(id)) {
      return;
    }
    String name = lease.file().toString();
    if (others.contains(id)) {
      findings.add(Finding.foreign(
          "ip-lease", name, "sandbox " + Finding.brief(id) + " was joined by another runtime"));
      return;
    }
    findings.add(Finding.leak("ip-lease", name, ended(id), "rm " + name));
  }

  /// Rules that the CNI plugins made for a sandbox. Those inside of a chain go with the jump to it.
  private void rules() {
    List<Rule> leaked = seen.rules().stream().filter(this::ofNoSandbox).toList();
    Set<String> chains =
        leaked.stream().flatMap(rule -> target(rule).stream()).collect(Collectors.toSet());
    leaked.stream()
        .filter(rule -> !chains.contains(rule.chain()))
        .forEach(rule -> findings.add(
            Finding.leak("iptables-rule", named(rule), ended(sandbox(rule)), removal(rule))));
  }

  private boolean ofNoSandbox(Rule rule) {
    String id = sandbox(rule);
    return !id.isEmpty()
        && ourNetwork(rule)
        && !census.runs(id)
        && (census.isOurs(id) || !census.exists(id))
        && !others.contains(id)
        && !seen.elsewhere().contains(id);
  }

  private static String sandbox(Rule rule) {
    Matcher matcher = OF_SANDBOX.matcher(rule.text());
    return rule.text().startsWith("-A ") && matcher.find() ? matcher.group(1) : "";
  }

  private boolean ourNetwork(Rule rule) {
    return seen.networks().stream()
        .anyMatch(network -> rule.text().contains("name: \\\"" + network + "\\\""));
  }

  private static String removal(Rule rule) {
    String table = rule.program() + " -w -t " + rule.table();
    String delete = table + rule.text().replaceFirst("^-A", " -D");
    return target(rule)
        .map(chain -> "%1$s; %2$s -F %3$s; %2$s -X %3$s".formatted(delete, table, chain))
        .orElse(delete);
  }

  /// The chain of one sandbox that the rule jumps to.
  private static Optional<String> target(Rule rule) {
    Matcher matcher = TARGET.matcher(rule.text());
    return matcher.find()
        ? Optional.of(matcher.group(1)).filter(chain -> !chain.startsWith("CNI-HOSTPORT"))
        : Optional.empty();
  }

  private static String named(Rule rule) {
    return rule.program() + " " + rule.table() + " " + rule.text();
  }

  /// Our own chain of FORWARD's holds rules for the links of running sandboxes, and nothing else.
  private void chain(String owner, String program, Function<Joined, Set<String>> links) {
    String chain = NetworkSurvey.forwardChain(owner);
    List<Rule> table = seen.rules().stream()
        .filter(rule -> rule.program().equals(program) && rule.table().equals("filter"))
        .toList();
    Set<String> wanted = seen.joined().stream()
        .filter(entry -> entry.owner().equals(owner) && census.runs(entry.sandboxId()))
        .flatMap(entry -> links.apply(entry).stream())
        .collect(Collectors.toSet());
    Set<String> allowed = table.stream()
        .filter(rule -> rule.text().startsWith("-A " + chain + " "))
        .flatMap(rule -> LINK.matcher(rule.text()).results().map(found -> found.group(1)))
        .collect(Collectors.toSet());
    boolean there = table.stream().anyMatch(rule -> rule.text().equals("-N " + chain));
    if (there && wanted.isEmpty()) {
      findings.add(Finding.leak(
          "iptables-chain",
          program + " " + chain,
          "no sandbox of its owner runs",
          "%1$s -w -D FORWARD -j %2$s; %1$s -w -F %2$s; %1$s -w -X %2$s"
              .formatted(program, chain)));
      return;
    }
    table.stream()
        .filter(rule -> rule.text().startsWith("-A " + chain + " "))
        .filter(rule -> link(rule).filter(link -> !wanted.contains(link)).isPresent())
        .forEach(rule -> findings.add(Finding.leak(
            "iptables-rule", named(rule), "no running sandbox uses this link", removal(rule))));
    boolean jumped = table.stream().anyMatch(rule -> rule.text().equals("-A FORWARD -j " + chain));
    if (!table.isEmpty() && !wanted.isEmpty() && !(jumped && allowed.containsAll(wanted))) {
      findings.add(Finding.missing(
          "iptables-chain",
          program + " " + chain,
          "packets of pods on " + String.join(", ", new TreeSet<>(wanted))
              + " are not let through FORWARD",
          "start the agent anew: it puts the rules back"));
    }
  }

  private static Optional<String> link(Rule rule) {
    Matcher matcher = LINK.matcher(rule.text());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private String ended(String id) {
    return "sandbox " + Finding.brief(id) + (census.exists(id) ? " does not run" : " is gone");
  }
}
