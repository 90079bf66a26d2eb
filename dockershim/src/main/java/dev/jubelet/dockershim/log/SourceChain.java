package dev.jubelet.dockershim.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Docker's log of one container across its rotation: `x-json.log`, before it `.1`, before
/// that `.2`, …; a rotation renames all of them up by one. Read through an open file, so that
/// what is being read may be renamed or deleted at any time. Used by one thread at a time.
final class SourceChain implements AutoCloseable {
  private static final int LONGEST = 20; // files that are looked for; at most
  private static final int GAP = 3; // names that lack: a rotation under way makes one or two
  private static final int FULL = 5; // what we tell Docker to keep (`max-file`)

  private final Path base;
  private @Nullable SourceFile current;
  private @Nullable SourceFile next;
  private long offset;
  // the last place of which something was consumed: survives until the next file gives
  // something
  private @Nullable SourcePosition finished;
  private boolean lost;

  private SourceChain(Path base) {
    this.base = base;
  }

  /// From the oldest file that is there. When the chain is full there may have been more.
  static SourceChain fromStart(Path base) throws IOException {
    SourceChain chain = new SourceChain(base);
    chain.lost = chain.files().size() >= FULL;
    return chain;
  }

  /// Behind all that is there now.
  static SourceChain fromEnd(Path base) throws IOException {
    SourceChain chain = new SourceChain(base);
    chain.current = SourceFile.open(base).orElse(null);
    chain.offset = chain.current == null ? 0 : chain.current.size();
    return chain;
  }

  /// Where it was left. When that file is rotated away it begins with the oldest, and
  /// [#tookLoss] says so. The inode is asked first: in files that begin within one long line
  /// of equal characters, nothing but the inode differs. On a restored disk the content must
  /// do.
  static SourceChain from(Path base, SourcePosition position) throws IOException {
    SourceChain chain = new SourceChain(base);
    List<Map.Entry<FileId, Path>> files = new ArrayList<>(chain.files().entrySet());
    long inode = position.file().inode();
    files.sort(Comparator.comparing(file -> file.getKey().inode() != inode));
    for (Map.Entry<FileId, Path> entry : files) {
      Optional<SourceFile> file = SourceFile.open(entry.getValue());
      if (file.isPresent() && file.get().holds(position)) {
        chain.current = file.get();
        chain.offset = position.offset();
        return chain;
      }
      if (file.isPresent()) {
        file.get().close();
      }
    }
    chain.lost = !files.isEmpty();
    return chain;
  }

  /// True once after a part of the log could not be read because it was rotated away.
  boolean tookLoss() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /// How far the current file was consumed.
  long offset() {
    return offset;
  }

  /// Bytes of the current file that are not consumed; negative when somebody truncated it.
  long unread() throws IOException {
    return open() ? current().size() - offset : 0;
  }

  /// Fills the buffer from the first byte that is not consumed.
  void read(ByteBuffer into) throws IOException {
    if (open()) {
      current().read(into, offset);
    }
  }

  void consumed(long bytes) {
    offset += bytes;
    finished = null;
  }

  /// The file was truncated: begin again.
  void rewind() {
    offset = 0;
  }

  /// Whether Docker goes on in another file, so that the current one does not grow any more.
  /// Then that one is held open until [#moveOn].
  boolean rotated() throws IOException {
    if (next != null) {
      return true;
    }
    if (!open() || FileId.of(base).filter(current().id()::equals).isPresent()) {
      return false;
    }
    next = successor();
    return next != null;
  }

  /// Goes on to the file that [#rotated] found.
  void moveOn() throws IOException {
    if (next == null) {
      throw new IllegalStateException(base + " was not rotated");
    }
    if (offset > 0) {
      finished = current().position(offset);
    }
    current().close();
    current = next;
    next = null;
    offset = 0;
  }

  /// Where to go on after a restart; empty when nothing was read yet.
  Optional<SourcePosition> position() throws IOException {
    if (finished != null) {
      return Optional.of(finished);
    }
    return current == null || offset == 0
        ? Optional.empty()
        : Optional.of(current.position(offset));
  }

  private SourceFile current() {
    if (current == null) {
      throw new IllegalStateException(base + " is not open");
    }
    return current;
  }

  private boolean open() throws IOException {
    if (current == null) {
      for (Path oldest : files().values()) {
        current = SourceFile.open(oldest).orElse(null);
        if (current != null) {
          break;
        }
      }
    }
    return current != null;
  }

  private @Nullable SourceFile successor() throws IOException {
    while (true) {
      Map<FileId, Path> files = files();
      if (files.isEmpty()) {
        return null; // the container was removed
      }
      Map.Entry<FileId, Path> wanted = after(files);
      if (wanted == null) {
        return null; // just between two steps of a rotation
      }
      Optional<SourceFile> opened = SourceFile.open(wanted.getValue());
      if (opened.isPresent() && opened.get().id().equals(wanted.getKey())) {
        lost |= !files.containsKey(current().id());
        return opened.get();
      }
      if (opened.isPresent()) {
        opened.get().close(); // rotated meanwhile: look again
      }
    }
  }

  private Map.@Nullable Entry<FileId, Path> after(Map<FileId, Path> files) {
    boolean found = !files.containsKey(current().id()); // rotated away: the oldest is next
    for (Map.Entry<FileId, Path> entry : files.entrySet()) {
      if (found) {
        return entry;
      }
      found = entry.getKey().equals(current().id());
    }
    return null;
  }

  // Oldest first. Looked at from the newest on: a rotation meanwhile moves files the same way,
  // so one may be seen twice (its later name counts) but none is missed.
  private Map<FileId, Path> files() throws IOException {
    Map<FileId, Path> newestFirst = new LinkedHashMap<>();
    int lacking = 0;
    for (int i = 0; i <= LONGEST && lacking <= GAP; i++) {
      Path path = i == 0 ? base : base.resolveSibling(base.getFileName() + "." + i);
      Optional<FileId> id = FileId.of(path);
      if (id.isPresent()) {
        newestFirst.remove(id.get());
        newestFirst.put(id.get(), path);
        lacking = 0;
      } else {
        lacking++;
      }
    }
    List<FileId> ids = new ArrayList<>(newestFirst.keySet());
    Map<FileId, Path> oldestFirst = new LinkedHashMap<>();
    for (FileId id : ids.reversed()) {
      oldestFirst.put(id, newestFirst.getOrDefault(id, base));
    }
    return oldestFirst;
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
    }
    if (next != null) {
      next.close();
    }
  }
}
