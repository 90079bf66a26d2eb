package dev.jubelet.dockershim.state;

import dev.jubelet.dockershim.docker.DockerApi;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerApi.ContainerSummary;
import dev.jubelet.dockershim.docker.DockerApi.EngineEvent;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.state.Entry.Marked;
import io.grpc.Deadline;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events mark, inspects tell, relists prove (design decision 5). At rest it costs one list a
/// minute, and one small canary each 10 s while somebody reads.
public final class EventFedState implements ContainerState {
  private static final Logger log = LoggerFactory.getLogger(EventFedState.class);
  private static final String TYPE_LABEL = "io.kubernetes.docker.type";
  private static final String NAME_PREFIX = "k8s_";
  private static final Duration OVERLAP = Duration.ofSeconds(5);
  private static final Duration RECONNECT = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final int INSPECTS_AT_ONCE = 32;

  private final DockerApi docker;
  private final Timing timing;
  private final Health health;
  private final Changes changes = new Changes();
  private final List<Runnable> imageListeners = new CopyOnWriteArrayList<>();
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Semaphore inspects = new Semaphore(INSPECTS_AT_ONCE);
  private final List<Thread> threads = new ArrayList<>();
  // Connections of the events are numbered; 0 is none.
  private volatile int connection;
  private volatile int auditedConnection;
  private int connections;
  private volatile boolean closed;

  /// How long things take or last; tests have shorter ones.
  ///
  /// @param audit between two full lists
  /// @param proof how long an answer of the engine proves that it answers
  /// @param read the longest wait of a read, unless the caller's gRPC deadline is nearer
  /// @param list how long a list waits for containers whose inspect hangs before it gives their
  /// last state, and a write that was done before it is answered
  /// @param creation how long the event of a create waits for the answer of the call that made it
  /// @param retry the first pause after a failure; it doubles up to 10 s
  public record Timing(
      Duration audit,
      Duration proof,
      Duration read,
      Duration list,
      Duration creation,
      Duration retry) {
    public static final Timing DEFAULTS = new Timing(
        Duration.ofMinutes(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(2),
        Duration.ofSeconds(1),
        Duration.ofMillis(100),
        Duration.ofMillis(100));
  }

  /// Begins to follow the engine's events at once; the engine may be absent.
  public EventFedState(DockerApi docker) {
    this(docker, Timing.DEFAULTS);
  }

  public EventFedState(DockerApi docker, Timing timing) {
    this.docker = docker;
    this.timing = timing;
    this.health = new Health(docker, timing.proof());
    threads.add(Thread.ofVirtual().name("docker-events").start(this::followEvents));
    threads.add(Thread.ofVirtual().name("docker-audit").start(this::auditEachMinute));
  }

  @Override
  public Optional<Seen> get(String id) throws DockerException {
    return get(id, timing.read());
  }

  private Optional<Seen> get(String id, Duration atMost) throws DockerException {
    Entry entry = entries.get(id);
    if (entry == null) {
      return lookUp(id);
    }
    long mark = proven() ? mark(entry, Instant.MIN) : mark(entry, Instant.MAX);
    return uninterrupted(() -> entry.awaitCovered(mark, end(atMost)));
  }

  /// An id that the cache does not have: perhaps short, perhaps not Kubernetes', mostly gone.
  private Optional<Seen> lookUp(String id) throws DockerException {
    Moment begin = Moment.now();
    try {
      ContainerInspect inspect = docker.inspectContainer(id);
      health.answered();
      Seen seen = new Seen(inspect, begin.host());
      if (isKubernetes(inspect.labels(), List.of(inspect.name()))) {
        enter(seen, begin);
      }
      return Optional.of(seen);
    } catch (DockerException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public List<Seen> list() throws DockerException {
    if (!proven()) {
      audit(Instant.MAX);
    }
    Map<Entry, Long> pending = new HashMap<>();
    for (Entry entry : entries.values()) {
      long mark = entry.pending();
      if (mark > 0) {
        pending.put(entry, mark);
      }
    }
    long end = end(timing.list());
    for (Map.Entry<Entry, Long> wait : pending.entrySet()) {
      settle(wait.getKey(), wait.getValue(), end);
    }
    return entries.values().stream().flatMap(entry -> entry.seen().stream()).toList();
  }

  /// One container whose inspect hangs or fails must not take the list from all others: its last
  /// state then tells by its `readAt` that it is old.
  private static void settle(Entry entry, long mark, long end) throws DockerException {
    try {
      uninterrupted(() -> entry.awaitCovered(mark, end));
    } catch (DockerException e) {
      if (e.isUnavailable()) {
        throw e;
      }
      log.debug("container {} is listed as last seen: {}", entry.id, e.getMessage());
    }
  }

  @Override
  public void created(ContainerInspect inspect) {
    Moment now = Moment.now();
    enter(new Seen(inspect, now.host()), now);
  }

  private void enter(Seen seen, Moment begin) {
    finish(entry(seen.inspect().id()), 0, begin, seen);
  }

  @Override
  public void wrote(String id) {
    mark(entry(id), Instant.MAX);
  }

  @Override
  public Optional<Seen> await(String id, Predicate<Seen> until, Duration atMost)
      throws DockerException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    Optional<Seen> seen = get(id, timing.list());
    Entry entry = entries.get(id);
    while (entry != null && seen.isPresent() && !until.test(seen.get())) {
      if (System.nanoTime() >= end) {
        return seen;
      }
      seen = entry.awaitChange(seen.get(), end);
    }
    return seen;
  }

  @Override
  public void onChange(Consumer<Change> listener) {
    changes.listen(listener);
  }

  @Override
  public void onImages(Runnable listener) {
    imageListeners.add(listener);
  }

  @Override
  public boolean proven() {
    int now = connection;
    return now != 0 && now == auditedConnection && health.check().isEmpty();
  }

  @Override
  public Optional<Outage> outage() {
    return health.check();
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    changes.close();
  }

  private Entry entry(String id) {
    return entries.computeIfAbsent(id, Entry::new);
  }

  /// Marks (`since` MIN: only looks whether it is dirty) and sees to it that somebody inspects. The
  /// caller's trace goes along, so that the inspect shows in the tree of who caused it.
  private long mark(Entry entry, Instant since) {
    Marked marked = entry.mark(since);
    if (marked.startRefresh()) {
      Runnable refresh = Context.current().wrap(() -> refresh(entry));
      Thread.ofVirtual().name("inspect-" + entry.id).start(refresh);
    }
    return marked.mark();
  }

  private void refresh(Entry entry) {
    Duration pause = timing.retry();
    try {
      Optional<Long> mark = entry.begin();
      while (mark.isPresent() && !closed) {
        if (inspect(entry, mark.get())) {
          pause = timing.retry();
        } else {
          entry.pause(mark.get(), pause.toNanos());
          pause = doubled(pause, RETRY);
        }
        mark = entry.begin();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (entry.forgettable()) {
      entries.remove(entry.id, entry);
    }
  }

  private boolean inspect(Entry entry, long mark) throws InterruptedException {
    boolean permitted = inspects.tryAcquire(1, TimeUnit.SECONDS);
    Moment begin = Moment.now();
    try {
      Seen now = new Seen(docker.inspectContainer(entry.id), begin.host());
      health.answered();
      boolean itself = now.inspect().id().equals(entry.id);
      finish(entry, mark, begin, itself ? now : null);
      if (!itself) {
        enter(now, begin);
      }
      return true;
    } catch (DockerException e) {
      if (e.isNotFound()) {
        health.answered();
        finish(entry, mark, begin, null);
        return true;
      }
      if (!e.isTimeout() && e.isUnavailable()) {
        health.silent(e);
      }
      entry.failed(mark, e);
      return false;
    } finally {
      if (permitted) {
        inspects.release();
      }
    }
  }

  private void finish(Entry entry, long mark, Moment begin, @Nullable Seen now) {
    entry.finish(mark, begin, now).ifPresent(step -> tell(entry.id, step.before(), step.after()));
  }

  private void tell(String id, @Nullable Seen before, @Nullable Seen after) {
    boolean same =
        before == null ? after == null : after != null && before.inspect().equals(after.inspect());
    if (!same) {
      changes.add(
          new Change(id, Optional.ofNullable(before), Optional.ofNullable(after), Instant.now()));
    }
  }

  private void followEvents() {
    Instant since = Instant.now();
    Duration pause = timing.retry();
    while (!closed) {
      LastEvent last = new LastEvent(since);
      try {
        docker.events(since.minus(OVERLAP), this::connected, event -> {
          last.time = event.time();
          onEvent(event);
        });
      } catch (DockerException e) {
        boolean wasOpen = connection != 0;
        connection = 0;
        pause = wasOpen ? timing.retry() : pause;
        log.debug("the stream of events ended: {}", e.getMessage());
        if (!wasOpen && !Health.answers(e)) {
          health.silent(e);
        }
      } catch (InterruptedException e) {
        return;
      }
      since = last.time;
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
      pause = doubled(pause, RECONNECT);
    }
  }

  private void connected() {
    health.answered();
    int mine = ++connections;
    connection = mine;
    imageListeners.forEach(Runnable::run);
    Thread.ofVirtual().name("docker-audit").start(() -> {
      Duration pause = timing.retry();
      while (connection == mine && auditedConnection != mine && !closed) {
        try {
          audit(Instant.MIN);
        } catch (DockerException e) {
          log.debug("the audit after connecting failed: {}", e.getMessage());
          pause = doubled(pause, RECONNECT);
          java.util.concurrent.locks.LockSupport.parkNanos(pause.toNanos());
        }
      }
    });
  }

  private void onEvent(EngineEvent event) {
    if (event.type().equals("image")) {
      imageListeners.forEach(Runnable::run);
      return;
    }
    if (event.type().equals("network")) {
      Entry left = entries.get(event.attributes().getOrDefault("container", ""));
      if (left != null) {
        mark(left, event.time());
      }
      return;
    }
    Map<String, String> attributes = event.attributes();
    Entry known = entries.get(event.id());
    if (known != null) {
      heard(known, event);
    } else if (isKubernetes(attributes, List.of(attributes.getOrDefault("name", "")))
        && !event.action().equals("destroy")) {
      unknown(event);
    }
  }

  /// Mostly our own create, whose answer is exact and on its way.
  private void unknown(EngineEvent event) {
    Thread.ofVirtual().name("inspect-" + event.id()).start(() -> {
      try {
        if (event.action().equals("create")) {
          Thread.sleep(timing.creation());
        }
        heard(entry(event.id()), event);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void heard(Entry entry, EngineEvent event) {
    if (event.action().equals("oom")) {
      outOfMemory(entry);
    } else {
      mark(entry, event.time());
    }
  }

  /// The kernel killed a process of that container for want of memory; another's id is no error.
  void outOfMemory(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      outOfMemory(entry);
    }
  }

  /// It was the first process of a container; another's pid is no error.
  void outOfMemory(long pid) {
    for (Entry entry : entries.values()) {
      if (entry.seen().filter(seen -> seen.inspect().pid() == pid).isPresent()) {
        outOfMemory(entry);
      }
    }
  }

  private void outOfMemory(Entry entry) {
    entry.ranOutOfMemory();
    mark(entry, Instant.MAX);
  }

  private void auditEachMinute() {
    while (!closed) {
      try {
        Thread.sleep(timing.audit());
      } catch (InterruptedException e) {
        return;
      }
      try {
        audit(Instant.MIN);
      } catch (DockerException e) {
        log.warn("the audit of containers failed: {}", e.getMessage());
      }
    }
  }

  /// A full list. What differs from the cache is marked; with `since` MAX everything is.
  private void audit(Instant since) throws DockerException {
    int before = connection;
    List<ContainerSummary> all = docker.listContainers(List.of());
    health.answered();
    Map<String, String> listed = new HashMap<>();
    for (ContainerSummary summary : all) {
      if (isKubernetes(summary.labels(), summary.names())) {
        listed.put(summary.id(), summary.state());
      }
    }
    listed.forEach((id, state) -> {
      Entry entry = entry(id);
      boolean differs =
          entry.seen().map(s -> !s.inspect().state().equals(state)).orElse(true);
      mark(entry, differs ? Instant.MAX : since);
    });
    for (Entry entry : entries.values()) {
      if (!listed.containsKey(entry.id)) {
        mark(entry, Instant.MAX);
      }
    }
    if (before != 0 && before == connection) {
      auditedConnection = before;
    }
  }

  private static boolean isKubernetes(Map<String, String> labels, List<String> names) {
    return labels.containsKey(TYPE_LABEL)
        || names.stream().anyMatch(name -> name.startsWith(NAME_PREFIX));
  }

  private static Duration doubled(Duration pause, Duration most) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(most) < 0 ? twice : most;
  }

  /// The nearer of `atMost` from now and the caller's gRPC deadline.
  private static long end(Duration atMost) {
    Deadline caller = io.grpc.Context.current().getDeadline();
    long own = atMost.toNanos();
    long nanos = caller == null ? own : Math.min(own, caller.timeRemaining(TimeUnit.NANOSECONDS));
    return System.nanoTime() + nanos;
  }

  private static <T> T uninterrupted(Waiting<T> wait) throws DockerException {
    try {
      return wait.call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DockerException("inspect_container", "interrupted", e);
    }
  }

  private interface Waiting<T> {
    T call() throws DockerException, InterruptedException;
  }

  /// The time of the last event of a stream, or of the last one of the stream before.
  private static final class LastEvent {
    private volatile Instant time;

    LastEvent(Instant time) {
      this.time = time;
    }
  }
}
