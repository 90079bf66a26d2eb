package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One container's log on its way from Docker's file to the CRI file. Turns run one at a time; the
/// requests of others wait in a queue that each turn looks at.
///
/// ```
/// linked ──reopen──► moving ◄──────────────┐
/// (adopted: the path  │ end of the source: answer drains, reopen, then idle
///  is Docker's link)  └─forget, close──► last turn ──► closed
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

  private record Request(CompletableFuture<Boolean> done, boolean reopen) {}

  private static final Logger log = LoggerFactory.getLogger(FollowedLog.class);
  private static final int BATCH = 64 * 1024;
  private static final int LONGEST_RECORD = 1 << 20; // Docker's are 16 KiB of text, ×6 when escaped
  private static final long TURN_BYTES = 1 << 20;
  private static final long CHECKPOINT_BYTES = 1 << 20;

  private final String containerId;
  private final Path source;
  private final Path path;
  private final LogCheckpoints checkpoints;
  private final LogMetrics metrics;
  private final Conversion conversion;
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Schedule> schedule = new AtomicReference<>(Schedule.RESTS);
  private volatile Ending ending = Ending.NOT;

  private SourceChain chain;
  private @Nullable Destination destination; // absent while the path is Docker's link
  private ByteBuffer unwritten = ByteBuffer.allocate(0);
  private long sinceCheckpoint;
  private boolean checkpointDue;
  private boolean failing;
  private boolean closed;

  private FollowedLog(
      String containerId,
      Path source,
      Path path,
      LogCheckpoints checkpoints,
      LogMetrics metrics,
      SourceChain chain,
      @Nullable Destination destination) {
    this.containerId = containerId;
    this.source = source;
    this.path = path;
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.conversion = new Conversion(metrics);
    this.chain = chain;
    this.destination = destination;
  }

  /// Opens or makes the log file and finds the place where an earlier process left it.
  static FollowedLog open(
      String containerId, Path source, Path path, LogCheckpoints checkpoints, LogMetrics metrics)
      throws IOException {
    if (Files.isSymbolicLink(path)) {
      return linked(containerId, source, path, checkpoints, metrics);
    }
    Optional<LogCheckpoint> saved = checkpoints.load(containerId);
    Destination destination = saved.isPresent()
        ? Destination.resume(path, saved.get().destination(), saved.get().length())
        : Destination.open(path);
    SourcePosition position = saved.map(LogCheckpoint::source).orElse(null);
    SourceChain chain =
        position == null ? SourceChain.fromStart(source) : SourceChain.from(source, position);
    FollowedLog opened =
        new FollowedLog(containerId, source, path, checkpoints, metrics, chain, destination);
    Optional<Instant> last = destination.lastTime();
    last.ifPresent(opened.conversion::lastWas);
    if (saved.isEmpty()) {
      last.ifPresent(opened.conversion::skipUntil);
      opened.checkpointDue = last.isEmpty();
    }
    return opened;
  }

  /// The log of an adopted container: the path is, or was until the kubelet renamed it, a link to
  /// Docker's file. It stays so until the first reopen.
  static FollowedLog linked(
      String containerId, Path source, Path path, LogCheckpoints checkpoints, LogMetrics metrics)
      throws IOException {
    return new FollowedLog(
        containerId, source, path, checkpoints, metrics, SourceChain.fromEnd(source), null);
  }

  Path source() {
    return source;
  }

  String containerId() {
    return containerId;
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
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    requests.add(new Request(done, reopen));
    return done;
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
      answer(true);
      return Outcome.CLOSED;
    }
    Ending end = ending; // one that comes meanwhile wants a whole turn after it
    List<Request> asked = takeRequests();
    try {
      boolean atEnd = destination == null || move(destination);
      for (Request request : asked) {
        if (request.reopen()) {
          switchOver();
        }
      }
      if (destination != null && (checkpointDue || sinceCheckpoint >= CHECKPOINT_BYTES)) {
        checkpoint(destination);
      }
      recovered();
      finish(asked, atEnd);
      return after(end, atEnd ? Outcome.IDLE : Outcome.MORE);
    } catch (IOException e) {
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

  // A drain that did not reach the end yet stays asked for.
  private void finish(List<Request> asked, boolean atEnd) {
    for (Request request : asked) {
      if (request.reopen() || atEnd) {
        request.done().complete(true);
      } else {
        requests.add(request);
      }
    }
  }

  private void failed(List<Request> asked, IOException e) {
    metrics.failed();
    if (!failing) {
      log.warn("cannot move the output of container {} into {}: {}", containerId, path, e, e);
      failing = true;
    }
    for (Request request : asked) {
      if (request.reopen()) {
        request.done().completeExceptionally(new IOException("log file " + path + ": " + e, e));
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

  private void answer(boolean value) {
    takeRequests().forEach(request -> request.done().complete(value));
  }

  // True when the end of the source was reached.
  private boolean move(Destination into) throws IOException {
    flush(into);
    long moved = 0;
    while (moved < TURN_BYTES) {
      long before = sinceCheckpoint;
      if (!step(into)) {
        flush(into);
        return true;
      }
      moved += sinceCheckpoint - before;
    }
    return false;
  }

  // Moves one batch; false at the end of the source.
  private boolean step(Destination into) throws IOException {
    if (chain.unread() < 0) {
      conversion.gap("truncated", "Docker's log was truncated by somebody: lines are missing here");
      chain.rewind();
    }
    long unread = chain.unread();
    ByteBuffer in = ByteBuffer.allocate(BATCH);
    chain.read(in);
    noteLoss();
    int consumed = conversion.records(in.array(), in.position());
    if (consumed == 0 && !in.hasRemaining()) {
      consumed = longRecord();
    }
    if (consumed > 0) {
      consume(consumed);
      flush(into);
      return true;
    }
    return nextFile(unread);
  }

  private void consume(int bytes) {
    unwritten = join(unwritten, conversion.take());
    chain.consumed(bytes);
    sinceCheckpoint += bytes;
  }

  // A record that fills the batch: read it whole, or skip a part of it when it is beyond all
  // bounds.
  private int longRecord() throws IOException {
    ByteBuffer in = ByteBuffer.allocate(LONGEST_RECORD);
    chain.read(in);
    int consumed = conversion.records(in.array(), in.position());
    if (consumed == 0 && !in.hasRemaining()) {
      conversion.skip(in.position());
      return in.position();
    }
    return consumed;
  }

  // `seen` bytes, of an unfinished record, were there at the last look.
  private boolean nextFile(long seen) throws IOException {
    if (!chain.rotated()) {
      return false;
    }
    if (chain.unread() != seen) {
      return true; // written between that look and the rotation
    }
    if (chain.unread() > 0) {
      conversion.torn(chain.unread());
      consume((int) chain.unread());
    }
    chain.moveOn();
    checkpointDue = true;
    return true;
  }

  private void noteLoss() {
    if (chain.tookLoss()) {
      conversion.gap(
          "rotated", "lines may be missing here: Docker rotated them away before they were read");
    }
  }

  private void flush(Destination into) throws IOException {
    unwritten = join(unwritten, conversion.take());
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
      SourceChain old = chain;
      chain = SourceChain.fromEnd(source);
      old.close();
      destination = Destination.open(path);
    }
    checkpointDue = true;
  }

  private void checkpoint(Destination of) {
    if (of.replaying() || unwritten.hasRemaining() || ending == Ending.FORGET) {
      return;
    }
    try {
      SourcePosition position = chain.position().orElse(null);
      checkpoints.save(containerId, new LogCheckpoint(position, of.id(), of.length()));
      sinceCheckpoint = 0;
      checkpointDue = false;
    } catch (IOException e) { // a restart replays more; the log itself goes on
      log.warn("cannot save the log checkpoint of container {}: {}", containerId, e.toString());
      sinceCheckpoint = 0;
    }
  }

  private void end() {
    closed = true;
    try {
      if (destination != null) {
        checkpoint(destination);
        destination.close();
      }
      chain.close();
      if (ending == Ending.FORGET) {
        checkpoints.delete(containerId);
      }
    } catch (IOException e) {
      log.warn("closing the log of container {} failed: {}", containerId, e.toString());
    }
    answer(false);
  }
}
