package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/// Opens files below a directory that somebody else may write (a volume), without ever leaving it.
public final class SafePath {
  /// Flags of [#openBeneath]; without one the file is only pinned (`O_PATH`).
  public static final int READ = 1;

  public static final int DIRECTORY = 2;

  /// No symbolic link on the way and none at its end.
  public static final int NO_SYMLINKS = 4;

  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final long OPEN_HOW_BYTES = 24;
  private static final int LAST_TRY = 16;
  private static final Libc OPENAT2 =
      Libc.orSystemCall("openat2", 437, INT, POINTER, POINTER, LONG);
  private static final Libc MKDIRAT = Libc.ofInt("mkdirat", INT, POINTER, INT);

  private SafePath() {}

  /// Opens `relative` below `root`. Symbolic links are followed only while they stay below.
  ///
  /// @throws KernelException `EXDEV` when it would leave `root`, `ENOENT` when it is not there
  public static OpenFd openBeneath(Path root, String relative, int... flags) throws IOException {
    KernelCalls.refuseVirtualThread("openBeneath");
    int all = 0;
    for (int flag : flags) {
      all |= flag;
    }
    try (Fd directory = Fd.open(root, Fd.O_PATH | Fd.O_DIRECTORY)) {
      return new OpenFd(openAt(directory, relative.isEmpty() ? "." : relative, all));
    }
  }

  /// Makes the directories of `relative` that lack below `root`, each with `mode`, following no
  /// symbolic link, and opens the last.
  public static OpenFd mkdirBeneath(Path root, String relative, int mode) throws IOException {
    KernelCalls.refuseVirtualThread("mkdirBeneath");
    Fd current = Fd.open(root, Fd.O_PATH | Fd.O_DIRECTORY);
    try {
      for (String name : relative.split("/")) {
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        Fd next = enter(current, name, mode);
        current.close();
        current = next;
      }
      return new OpenFd(current);
    } catch (IOException e) {
      current.close();
      throw e;
    }
  }

  private static Fd enter(Fd parent, String name, int mode) throws IOException {
    if (name.equals("..")) {
      throw new IOException("a path below a volume must not contain '..'");
    }
    boolean made = true;
    try {
      MKDIRAT.call(name, parent.number(), name, mode);
    } catch (KernelException e) {
      if (e.errno() != KernelException.EEXIST) {
        throw e;
      }
      made = false;
    }
    Fd entered = openAt(parent, name, DIRECTORY | NO_SYMLINKS);
    if (made) {
      setMode(entered, mode);
    }
    return entered;
  }

  // mkdir's mode is cut by the umask
  private static void setMode(Fd entered, int mode) throws IOException {
    try {
      Files.setPosixFilePermissions(Path.of("/proc/self/fd/" + entered.number()), bits(mode));
    } catch (IOException e) {
      entered.close();
      throw e;
    }
  }

  static Set<PosixFilePermission> bits(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // owner read first
    for (int i = 0; i < all.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }

  private static Fd openAt(Fd directory, String relative, int flags) throws KernelException {
    long open = Fd.O_CLOEXEC;
    open |= (flags & READ) != 0 ? Fd.O_RDONLY | Fd.O_NONBLOCK : Fd.O_PATH;
    open |= (flags & DIRECTORY) != 0 ? Fd.O_DIRECTORY : 0;
    long resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    if ((flags & NO_SYMLINKS) != 0) {
      resolve |= RESOLVE_NO_SYMLINKS;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(OPEN_HOW_BYTES, 8);
      how.set(LONG, 0, open);
      how.set(LONG, 16, resolve);
      return retried(directory, relative, how);
    }
  }

  // EAGAIN: a rename elsewhere raced with the walk and the kernel cannot say that it stayed below
  private static Fd retried(Fd directory, String relative, MemorySegment how)
      throws KernelException {
    for (int attempt = 1; ; attempt++) {
      try {
        return new Fd(OPENAT2.call(relative, directory.number(), relative, how, OPEN_HOW_BYTES));
      } catch (KernelException e) {
        if (e.errno() != KernelException.EAGAIN || attempt == LAST_TRY) {
          throw e;
        }
      }
    }
  }
}
