package dev.jubelet.dockershim.network;

import dev.jubelet.cni.CachedAttachment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Frees what attachments of this owner still hold after their sandbox went without a tear-down:
/// addresses, ports, rules.
final class CniLeftovers {
  private static final Logger log = LoggerFactory.getLogger(CniLeftovers.class);
  private static final Duration EACH = Duration.ofSeconds(30);

  private final CniSandboxes sandboxes;
  private final CountDownLatch freed = new CountDownLatch(1);
  private boolean begun;

  CniLeftovers(CniSandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /// Once in a process: knows again who uses which bridge, and begins to take off what was joined
  /// before the machine started anew. Those namespaces are gone, but their leases are on disk.
  synchronized void recover() throws NetworkException {
    if (begun) {
      return;
    }
    begun = true;
    List<CachedAttachment> mine =
        sandboxes.entries().stream().filter(sandboxes::mine).toList();
    mine.stream().filter(entry -> !sandboxes.beforeBoot(entry)).forEach(sandboxes::rememberLinks);
    List<CachedAttachment> stale = mine.stream().filter(sandboxes::beforeBoot).toList();
    if (stale.isEmpty()) {
      freed.countDown();
      return;
    }
    log.info("Freeing {} CNI attachments from before the machine started", stale.size());
    Thread.ofVirtual().name("cni-leftovers").start(() -> freeAll(stale));
  }

  private void freeAll(List<CachedAttachment> stale) {
    try {
      stale.forEach(this::free);
    } finally {
      freed.countDown();
    }
  }

  /// Waits for [#recover()]'s end. False when there was nothing to wait for.
  boolean await(Duration atMost) throws InterruptedException {
    return freed.getCount() > 0 && freed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Takes off what belongs to no existing sandbox, rules that a killed process left included. An
  /// attachment that is made meanwhile is not looked at.
  void collect(Supplier<Set<String>> existing) throws NetworkException {
    recover();
    List<CachedAttachment> before = sandboxes.entries();
    Set<String> keep = Set.copyOf(existing.get());
    before.stream()
        .filter(sandboxes::mine)
        .filter(entry -> !sandboxes.beforeBoot(entry))
        .filter(entry -> !keep.contains(entry.attachment().containerId()))
        .forEach(this::free);
    try {
      sandboxes.settleRules(EACH);
    } catch (NetworkException e) {
      log.warn("forward rules from before this start: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void free(CachedAttachment entry) {
    String id = entry.attachment().containerId();
    try {
      sandboxes.discard(entry, EACH);
      log.info("CNI attachment of sandbox {}, which is gone, freed", id);
    } catch (NetworkException e) {
      log.warn("CNI attachment of sandbox {}, which is gone: {}", id, e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
