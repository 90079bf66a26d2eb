package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Changes in directories and files, as inotify(7) tells them. One thread takes; any may watch.
public final class Inotify implements AutoCloseable {
  /// What happened.
  public enum Kind {
    MODIFIED(0x2),
    ATTRIBUTES(0x4),
    WRITTEN_AND_CLOSED(0x8),
    MOVED_FROM(0x40),
    MOVED_TO(0x80),
    CREATED(0x100),
    DELETED(0x200),
    /// The watched thing itself; nothing more comes from it after a deletion.
    SELF_DELETED(0x400),
    SELF_MOVED(0x800),
    /// Events were lost: look at everything. Comes with an empty path and name.
    OVERFLOW(0x4000),
    /// The watch is gone (its file was deleted, or its file system unmounted).
    GONE(0x8000);

    private final int bit;

    Kind(int bit) {
      this.bit = bit;
    }
  }

  /// What tells that the entries of a directory changed.
  public static final Set<Kind> DIRECTORY_CHANGES = Set.of(
      Kind.CREATED,
      Kind.MOVED_TO,
      Kind.MOVED_FROM,
      Kind.DELETED,
      Kind.WRITTEN_AND_CLOSED,
      Kind.SELF_DELETED,
      Kind.SELF_MOVED);

  /// @param watched the path as it was given to [#watch]
  /// @param name of the entry in a watched directory, empty for the watched thing itself
  public record Event(Path watched, String name, Set<Kind> kinds) {}

  private static final List<Kind> KINDS = List.of(Kind.values());
  private static final Path NOWHERE = Path.of("");
  private static final int BUFFER = 64 * 1024;
  private static final int HEADER = 16;
  private static final Libc INIT = Libc.ofInt("inotify_init1", INT);
  private static final Libc ADD = Libc.ofInt("inotify_add_watch", INT, POINTER, INT);
  private static final Libc REMOVE = Libc.ofInt("inotify_rm_watch", INT, INT);
  private static final Libc EVENTFD = Libc.ofInt("eventfd", INT, INT);

  private final Fd fd;
  private final Fd waker;
  private final Map<Integer, Path> paths = new HashMap<>();
  private final Map<Path, Integer> descriptors = new HashMap<>();
  // Of the thread that takes.
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 8);
  private boolean closed;

  public Inotify() throws IOException {
    fd = new Fd(INIT.call("instance", Fd.O_NONBLOCK | Fd.O_CLOEXEC));
    waker = new Fd(EVENTFD.call("waker", 0, Fd.O_NONBLOCK | Fd.O_CLOEXEC));
  }

  /// Watches a directory for [#DIRECTORY_CHANGES].
  public void watch(Path directory) throws IOException {
    watch(directory, DIRECTORY_CHANGES);
  }

  /// Watches a file or directory; a second watch of the same path replaces the first.
  ///
  /// @throws KernelException `ENOENT` when it is not there, `ENOSPC` at the limit
  /// fs.inotify.max_user_watches
  public synchronized void watch(Path path, Set<Kind> kinds) throws IOException {
    if (closed) {
      throw new IOException("this inotify is closed");
    }
    int mask = 0;
    for (Kind kind : kinds) {
      mask |= kind.bit;
    }
    int descriptor = (int) ADD.call(path.toString(), fd.number(), path, mask);
    Integer old = descriptors.put(path, descriptor);
    if (old != null && old != descriptor) {
      paths.remove(old);
    }
    paths.put(descriptor, path);
  }

  /// Ends a watch; an unknown path is no error.
  public synchronized void unwatch(Path path) {
    Integer descriptor = descriptors.remove(path);
    if (descriptor == null || closed || !paths.remove(descriptor, path)) {
      return;
    }
    try {
      REMOVE.call(path.toString(), fd.number(), descriptor);
    } catch (KernelException e) { // EINVAL: the file is gone, and the watch with it
      paths.remove(descriptor);
    }
  }

  /// Waits for events, for [#wake] or for `atMost`, whichever is first; empty when nothing
  /// happened.
  public List<Event> take(Duration atMost) throws IOException {
    KernelCalls.refuseVirtualThread("inotify");
    int millis = Math.clamp(atMost.toMillis(), 0, Integer.MAX_VALUE);
    Fd.poll(new Fd[] {fd, waker}, new int[] {Fd.POLLIN, Fd.POLLIN}, millis);
    waker.read(buffer.asSlice(0, 8));
    List<Event> events = new ArrayList<>();
    for (int n = fd.read(buffer); n > 0; n = fd.read(buffer)) {
      decode(n, events);
    }
    return events;
  }

  /// Makes a waiting [#take] return now, or the next one.
  public synchronized void wake() {
    if (closed) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      waker.write(arena.allocateFrom(LONG, 1));
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  private synchronized void decode(int length, List<Event> into) {
    for (long at = 0; at + HEADER <= length; ) {
      int descriptor = buffer.get(INT, at);
      Set<Kind> kinds = kinds(buffer.get(INT, at + 4));
      int nameBytes = buffer.get(INT, at + 12);
      String name = nameBytes == 0 ? "" : buffer.getString(at + HEADER);
      at += HEADER + nameBytes;
      Path path = kinds.contains(Kind.OVERFLOW) ? NOWHERE : paths.get(descriptor);
      if (path == null) {
        continue; // of a watch that ended
      }
      if (kinds.contains(Kind.GONE)) {
        paths.remove(descriptor);
        descriptors.remove(path, descriptor);
      }
      into.add(new Event(path, name, kinds));
    }
  }

  private static Set<Kind> kinds(int mask) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (Kind kind : KINDS) {
      if ((mask & kind.bit) != 0) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /// Ends it; no thread may be in [#take] (see [#wake]).
  @Override
  public synchronized void close() {
    closed = true;
    fd.close();
    waker.close();
  }
}
