package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One container's log on its way from its source to the CRI file. Turns run one at a time;
/// the requests of others wait in a queue that each turn looks at.
///
/// ```
/// linked ──reopen──► moving ◄──────────────┐
/// (adopted: the path  │ end of the source: answer drains, reopen, then idle
/// ```
final class FollowedLog {
  /// What a turn left behind.
  enum Outcome {
    /// All that is there was moved.
    IDLE,
    /// There is more; others may have their turn first.
    MORE,
    /// Try again in a while.
    FAILED,
    CLOSED
  }

  private enum Ending {
    NOT,
    RELEASE,
    FORGET
  }

  private enum Schedule {
    RESTS,
    /// Queued or in its turn.
    BUSY,
    /// As BUSY, and something happened that may need one more turn.
    BUSY_AND_AGAIN
  }

  private static final class Request {
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final boolean reopen;
    private int turns;

    Request(boolean reopen) {
      this.reopen = reopen;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(FollowedLog.class);
  private static final long TURN_BYTES = 1 << 20;
  private static final long CHECKPOINT_BYTES = 1 << 20;
  // A reopening waits for the end of the source, but not for ever: more than Docker keeps.
  private static final int REOPEN_TURNS = 32;

  private final Route route;
  private final String containerId;
  private final Path path;
  private final LogCheckpoints checkpoints;
  private final LogMetrics metrics;
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Schedule> schedule = new AtomicReference<>(Schedule.RESTS);
  private volatile Ending ending = Ending.NOT;
  private volatile boolean begun;

  private LogSource source;
  private @Nullable Destination destination; // absent while the path is Docker's link
  private ByteBuffer unwritten = ByteBuffer.allocate(0);
  private long checkpointedAt;
  private boolean checkpointDue;
  private boolean failing;
  private boolean closed;

  /// From where to where one log goes.
  record Route(String containerId, LogOrigin origin, LogSource.Opener sources, Path path) {}

  private FollowedLog(
      Route route,
      LogCheckpoints checkpoints,
      LogMetrics metrics,
      LogSource source,
      @Nullable Destination destination) {
    this.route = route;
    this.containerId = route.containerId();
    this.path = route.path();
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.source = source;
    this.destination = destination;
  }

  /// Opens or makes the log file and finds the place where an earlier process left it.
  static FollowedLog open(Route route, LogCheckpoints checkpoints, LogMetrics metrics)
      throws IOException {
    if (Files.isSymbolicLink(route.path())) {
      return linked(route, checkpoints, metrics);
    }
    Optional<LogCheckpoint> saved = checkpoints.load(route.containerId());
    Destination destination = Destination.at(route.path(), saved);
    try {
      LogSource source = route.sources().resume(saved);
      FollowedLog opened = new FollowedLog(route, checkpoints, metrics, source, destination);
      opened.placed(saved, destination);
      return opened;
    } catch (IOException | RuntimeException e) {
      destination.close();
      throw e;
    }
  }

  /// The log of an adopted container: the path is, or was until the kubelet renamed it, a link
  /// to Docker's file. It stays so until the first reopen.
  static FollowedLog linked(Route route, LogCheckpoints checkpoints, LogMetrics metrics)
      throws IOException {
    return new FollowedLog(route, checkpoints, metrics, route.sources().fromEnd(), null);
  }

  // The source is where the checkpoint says, and the log file holds that and perhaps more.
  private void placed(Optional<LogCheckpoint> saved, Destination at) throws IOException {
    at.lastTime().ifPresent(source::lastWas);
    if (saved.isEmpty()) {
      at.lastTime().ifPresent(source::skipUntil);
      if (at.lastTime().isEmpty()) {
        save(new LogCheckpoint(null, at.id(), at.length(), null));
      }
    }
    at.compressedUntil().ifPresent(source::skipUntil);
  }

  LogOrigin origin() {
    return route.origin();
  }

  String containerId() {
    return containerId;
  }

  /// The container was started; false when that is known already.
  boolean begin() {
    boolean was = begun;
    begun = true;
    return !was;
  }

  /// Something happened: true when a turn must be queued for it; false when one is under way.
  boolean queue() {
    return schedule.getAndUpdate(s -> s == Schedule.RESTS ? Schedule.BUSY : Schedule.BUSY_AND_AGAIN)
        == Schedule.RESTS;
  }

  /// After a turn: false when another must follow.
  boolean rest() {
    return schedule.compareAndSet(Schedule.BUSY, Schedule.RESTS);
  }

  /// Asks for the end of the source; true when it was reached.
  CompletableFuture<Boolean> drain() {
    return request(false);
  }

  /// Asks for a switch to what the path names now; false when the log is no longer followed.
  CompletableFuture<Boolean> reopen() {
    return request(true);
  }

  private CompletableFuture<Boolean> request(boolean reopen) {
    Request request = new Request(reopen);
    requests.add(request);
    return request.done;
  }

  /// The next turn is the last; the place is forgotten.
  void forget() {
    ending = Ending.FORGET;
  }

  /// The next turn is the last; the next process goes on from here.
  void release() {
    ending = Ending.RELEASE;
  }

  /// Moves what is there, at most about 1 MiB. Only one thread at a time may be here.
  Outcome turn() {
    schedule.set(Schedule.BUSY); // what comes from now on needs another turn
    if (closed) {
      takeRequests().forEach(request -> request.done.complete(!request.reopen));
      return Outcome.CLOSED;
    }
    Ending end = ending; // one that comes meanwhile wants a whole turn after it
    List<Request> asked = takeRequests();
    try {
      if (begun) {
        source.begin();
      }
      boolean atEnd = destination == null || move(destination);
      List<Request> left = answered(asked, atEnd);
      checkpoint();
      recovered();
      requests.addAll(left);
      return after(end, atEnd ? Outcome.IDLE : Outcome.MORE);
    } catch (IOException | RuntimeException e) {
      failed(asked, e);
      return after(end, Outcome.FAILED);
    }
  }

  private Outcome after(Ending wanted, Outcome outcome) {
    if (wanted == Ending.NOT || (wanted == Ending.FORGET && outcome == Outcome.MORE)) {
      return outcome;
    }
    end();
    return Outcome.CLOSED;
  }

  private List<Request> takeRequests() {
    List<Request> taken = new ArrayList<>();
    for (Request r = requests.poll(); r != null; r = requests.poll()) {
      taken.add(r);
    }
    return taken;
  }

  // Those that must wait for another turn: drains before the end, and reopenings, so that what
  // was written before goes into the old file.
  private List<Request> answered(List<Request> asked, boolean atEnd) throws IOException {
    List<Request> left = new ArrayList<>();
    for (Request request : asked) {
      if (!request.reopen && atEnd && (destination == null || source.complete())) {
        request.done.complete(true);
      } else if (request.reopen && (atEnd || gaveUp(request))) {
        switchOver();
        checkpoint();
        request.done.complete(true);
      } else {
        left.add(request);
      }
    }
    return left;
  }

  private static boolean gaveUp(Request request) {
    return ++request.turns >= REOPEN_TURNS;
  }

  private void failed(List<Request> asked, Exception e) {
    metrics.failed();
    if (!failing) {
      log.warn("cannot move the output of container {} into {}: {}", containerId, path, e, e);
      failing = true;
    }
    for (Request request : asked) {
      if (request.done.isDone()) {
        continue;
      }
      if (request.reopen) {
        request.done.completeExceptionally(new IOException("log file " + path + ": " + e, e));
      } else {
        requests.add(request);
      }
    }
  }

  private void recovered() {
    if (failing) {
      log.info("the output of container {} goes into {} again", containerId, path);
      failing = false;
    }
  }

  // True when the end of the source was reached.
  private boolean move(Destination into) throws IOException {
    flush(into);
    long begin = source.read();
    while (source.read() - begin < TURN_BYTES) {
      boolean more = source.step();
      flush(into);
      checkpointDue |= source.tookTurn();
      if (!more) {
        if (source.broken()) {
          goOnFromCheckpoint(into);
        }
        return true;
      }
    }
    return false;
  }

  // What is in the log file behind the checkpoint is compared, as after a restart.
  private void goOnFromCheckpoint(Destination old) throws IOException {
    Optional<LogCheckpoint> saved = checkpoints.load(containerId);
    Destination again = Destination.at(path, saved);
    old.close();
    destination = again;
    source.restart(saved);
    placed(saved, again);
  }

  private void flush(Destination into) throws IOException {
    unwritten = join(unwritten, source.take());
    into.write(unwritten);
    if (into.tookMismatch()) {
      metrics.gap("mismatch");
      log.warn("log file {} is not as the checkpoint of container {} says", path, containerId);
      checkpointDue = true;
    }
  }

  private static ByteBuffer join(ByteBuffer first, byte[] second) {
    if (!first.hasRemaining()) {
      return ByteBuffer.wrap(second);
    }
    if (second.length == 0) {
      return first;
    }
    // what was written stays before the position: the begin of a line is looked for there
    ByteBuffer both = ByteBuffer.allocate(first.limit() + second.length);
    both.put(0, first, 0, first.limit()).put(first.limit(), second);
    return both.position(first.position());
  }

  private void switchOver() throws IOException {
    if (destination != null) {
      destination.reopen();
    } else {
      // the first Reopen of an adopted one: from here on, the link's history is not copied
      if (Files.isSymbolicLink(path)) {
        Files.delete(path);
      }
      LogSource old = source;
      source = route.sources().fromEnd();
      old.close();
      destination = Destination.at(path, Optional.empty());
      if (begun) {
        source.begin();
      }
    }
    checkpointDue = true;
  }

  private void checkpoint() throws IOException {
    Destination of = destination;
    if (of == null || of.replaying() || unwritten.hasRemaining() || ending == Ending.FORGET) {
      return;
    }
    boolean due = checkpointDue || source.read() - checkpointedAt >= CHECKPOINT_BYTES;
    source.checkpoint(due, of.id(), of.length()).ifPresent(this::save);
    if (due) {
      checkpointDue = false;
      checkpointedAt = source.read();
    }
  }

  private void save(LogCheckpoint checkpoint) {
    try {
      checkpoints.save(containerId, checkpoint);
    } catch (IOException e) { // a restart replays more; the log itself goes on
      log.warn("cannot save the log checkpoint of container {}: {}", containerId, e.toString());
    }
  }

  private void end() {
    closed = true;
    try {
      checkpointDue = true;
      checkpoint();
      if (destination != null) {
        destination.close();
      }
      source.close();
      if (ending == Ending.FORGET) {
        checkpoints.delete(containerId);
      }
    } catch (IOException e) {
      log.warn("closing the log of container {} failed: {}", containerId, e.toString());
    }
    takeRequests().forEach(request -> request.done.complete(false));
  }
}
