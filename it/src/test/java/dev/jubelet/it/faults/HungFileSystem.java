package dev.jubelet.it.faults;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// A FUSE file system whose server never answers: whoever looks at it waits in the kernel, until it
/// is closed.
final class HungFileSystem implements AutoCloseable {
  private static final int O_RDWR_CLOEXEC = 02 | 02000000;
  private static final int MNT_DETACH = 2;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final java.lang.foreign.AddressLayout TEXT = ValueLayout.ADDRESS;
  private static final MethodHandle OPEN = libc("open", FunctionDescriptor.of(INT, TEXT, INT), 2);
  private static final MethodHandle CLOSE = libc("close", FunctionDescriptor.of(INT, INT), 1);
  private static final MethodHandle MOUNT =
      libc("mount", FunctionDescriptor.of(INT, TEXT, TEXT, TEXT, LONG, TEXT), 5);
  private static final MethodHandle UMOUNT =
      libc("umount2", FunctionDescriptor.of(INT, TEXT, INT), 2);

  private final Path point;
  private int fd;

  /// Mounts it on a directory of that path.
  HungFileSystem(Path point) throws IOException {
    this.point = Files.createDirectories(point);
    try (Arena arena = Arena.ofConfined()) {
      fd = call(OPEN, arena.allocateFrom("/dev/fuse"), O_RDWR_CLOEXEC);
      require(fd >= 0, "open /dev/fuse");
      String options = "fd=" + fd + ",rootmode=40000,user_id=0,group_id=0";
      int mounted = call(
          MOUNT,
          arena.allocateFrom("hung"),
          arena.allocateFrom(point.toString()),
          arena.allocateFrom("fuse"),
          0L,
          arena.allocateFrom(options));
      require(mounted == 0, "mount a fuse file system on " + point);
    }
  }

  Path point() {
    return point;
  }

  /// Its server is gone: who waits gets an error.
  void end() {
    if (fd >= 0) {
      var _ = call(CLOSE, fd);
      fd = -1;
    }
  }

  @Override
  public void close() throws IOException {
    end();
    try (Arena arena = Arena.ofConfined()) {
      int gone = call(UMOUNT, arena.allocateFrom(point.toString()), MNT_DETACH);
      require(gone == 0, "unmount " + point);
    }
  }

  private static void require(boolean done, String what) throws IOException {
    if (!done) {
      throw new IOException("cannot " + what);
    }
  }

  private static MethodHandle libc(String name, FunctionDescriptor type, int fixed) {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().findOrThrow(name);
    return name.equals("open")
        ? linker.downcallHandle(symbol, type, Linker.Option.firstVariadicArg(fixed))
        : linker.downcallHandle(symbol, type);
  }

  private static int call(MethodHandle handle, Object... arguments) {
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
