package dev.jubelet.dockershim.network;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets pods on bridges that are not Docker's through FORWARD, whose policy dockerd sets to DROP. A
/// chain of our own, one for each owner, holds a few rules for each bridge in use, and is jumped
/// to from the end of FORWARD, so that the engine's rules and the administrator's in DOCKER-USER
/// decide before it. The policy is never changed; with the last pod the chain goes.
///
/// What comes from a pod's bridge may go anywhere; to it only answers and what a host port
/// redirects.
final class ForwardRules {
  private static final Logger log = LoggerFactory.getLogger(ForwardRules.class);
  private static final Duration RUN = Duration.ofSeconds(15);

  /// Somebody may flush the table: what was applied longer ago is looked at again.
  private static final long TRUST_NANOS = Duration.ofSeconds(60).toNanos();

  private final Family ipv4;
  private final Family ipv6;

  /// @param owner makes the chain's name: two agents never share one
  ForwardRules(String owner) {
    String chain = chain(owner);
    ipv4 = new Family(Iptables.IPV4, chain);
    ipv6 = new Family(Iptables.IPV6, chain);
  }

  static String chain(String owner) {
    return "JUBELET-FWD-%08x".formatted(owner.hashCode());
  }

  /// This sandbox uses these links: their rules are there when it returns.
  void hold(String sandboxId, HostLinks links, Duration deadline)
      throws NetworkException, InterruptedException {
    note(sandboxId, links);
    if (links.ipv4() && !links.names().isEmpty()) {
      ipv4.apply(deadline);
    }
    if (links.ipv6() && !links.names().isEmpty()) {
      ipv6.apply(deadline);
    }
  }

  /// As [#hold], for a sandbox from before our start, whose rules are there already.
  void note(String sandboxId, HostLinks links) {
    ipv4.use(sandboxId, links.ipv4() ? links.names() : Set.of());
    ipv6.use(sandboxId, links.ipv6() ? links.names() : Set.of());
  }

  /// The sandbox is gone; rules that nobody else needs go too, also those of an earlier
  /// process that ended before it could remove them.
  void release(String sandboxId, Duration deadline) throws NetworkException, InterruptedException {
    if (ipv4.drop(sandboxId) || ipv4.mayBeLeft()) {
      ipv4.apply(deadline);
    }
    if (ipv6.drop(sandboxId) || ipv6.mayBeLeft()) {
      ipv6.apply(deadline);
    }
  }

  /// Once after a start, when all sandboxes are noted: a process that was killed may have left
  /// rules
  /// that nobody needs, and somebody may have flushed those that are needed.
  void settle(Duration deadline) throws NetworkException, InterruptedException {
    ipv4.settle(deadline);
    ipv6.settle(deadline);
  }

  /// What `iptables-restore --noflush` takes to make the chain hold exactly these rules.
  static String chainText(String chain, Set<String> links) {
    StringBuilder text = new StringBuilder("*filter\n:" + chain + " - [0:0]\n");
    for (String link : links) {
      text.append("-A %s -i %s -m comment --comment \"jubelet: from pods\" -j ACCEPT\n"
          .formatted(chain, link));
      text.append(("-A %s -o %s -m conntrack --ctstate RELATED,ESTABLISHED,DNAT"
              + " -m comment --comment \"jubelet: answers and host ports\" -j ACCEPT\n")
          .formatted(chain, link));
    }
    return text.append("COMMIT\n").toString();
  }

  /// The arguments that put the jump at the end of FORWARD, before a rule that refuses everything
  /// if there is one. `rules` is what `iptables -S FORWARD` printed.
  static List<String> jump(String chain, List<String> rules) {
    int refusal = 0;
    int position = 0;
    for (String rule : rules) {
      if (rule.startsWith("-A ")) {
        position++;
        if (refusal == 0 && rule.matches("-A FORWARD -j (DROP|REJECT)( --reject-with \\S+)?")) {
          refusal = position;
        }
      }
    }
    return refusal == 0
        ? List.of("-A", "FORWARD", "-j", chain)
        : List.of("-I", "FORWARD", String.valueOf(refusal), "-j", chain);
  }

  private static final class Family {
    private final Iptables iptables;
    private final String chain;

    /// Links in use by sandbox; guarded by itself.
    private final Map<String, Set<String>> users = new HashMap<>();

    private final ReentrantLock applying = new ReentrantLock();

    /// Empty while what an earlier process left is not known.
    private volatile Optional<Set<String>> applied = Optional.empty();

    private long appliedAtNanos;
    private boolean warned;

    Family(Iptables iptables, String chain) {
      this.iptables = iptables;
      this.chain = chain;
    }

    void use(String sandboxId, Set<String> links) {
      if (!links.isEmpty()) {
        synchronized (users) {
          users.put(sandboxId, links);
        }
      }
    }

    boolean drop(String sandboxId) {
      synchronized (users) {
        return users.remove(sandboxId) != null;
      }
    }

    /// Nobody needs rules, and whether there are some was never looked at.
    boolean mayBeLeft() {
      return applied.isEmpty() && wanted().isEmpty();
    }

    private Set<String> wanted() {
      Set<String> links = new TreeSet<>();
      synchronized (users) {
        users.values().forEach(links::addAll);
      }
      return links;
    }

    /// Makes the tables what is wanted. Sandboxes that come meanwhile wait here, each for its own
    /// time, and mostly find it done.
    void apply(Duration deadline) throws NetworkException, InterruptedException {
      if (!applying.tryLock(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new NetworkException(
            iptables.program() + " keeps other pods waiting: is its lock held by somebody?");
      }
      try {
        Set<String> wanted = wanted();
        boolean trusted = wanted.isEmpty() || System.nanoTime() - appliedAtNanos < TRUST_NANOS;
        if (trusted && applied.isPresent() && applied.get().equals(wanted)) {
          return;
        }
        if (!iptables.installed()) {
          warnOnce();
          return;
        }
        change(wanted);
        applied = Optional.of(Set.copyOf(wanted));
        appliedAtNanos = System.nanoTime();
      } finally {
        applying.unlock();
      }
    }

    void settle(Duration deadline) throws NetworkException, InterruptedException {
      if (iptables.installed()) {
        apply(deadline);
      }
    }

    private void change(Set<String> wanted) throws NetworkException, InterruptedException {
      if (wanted.isEmpty()) {
        if (remove()) {
          log.info("{} chain {} removed: no pods are left behind it", iptables.program(), chain);
        }
        return;
      }
      iptables.restore(RUN, chainText(chain, wanted));
      List<String> rules =
          Arrays.asList(iptables.run(RUN, List.of("-S", "FORWARD")).split("\n"));
      Predicate<String> jumps = rule -> rule.equals("-A FORWARD -j " + chain);
      if (rules.stream().noneMatch(jumps)) {
        iptables.run(RUN, jump(chain, rules));
        log.info("{} chain {} lets pods on {} through", iptables.program(), chain, wanted);
      }
    }

    /// False when there was none.
    private boolean remove() throws NetworkException, InterruptedException {
      if (!iptables.succeeds(RUN, List.of("-S", chain))) {
        return false;
      }
      while (iptables.succeeds(RUN, List.of("-D", "FORWARD", "-j", chain))) {
        log.debug("jump to {} removed", chain);
      }
      iptables.run(RUN, List.of("-F", chain));
      iptables.run(RUN, List.of("-X", chain));
      return true;
    }

    private void warnOnce() {
      if (!warned) {
        warned = true;
        log.warn(
            "{} is not installed: pods reach each other only if nothing else filters FORWARD",
            iptables.program());
      }
    }
  }
}
