package dev.jubelet.linux;

import static dev.jubelet.linux.Libc.INT;
import static dev.jubelet.linux.Libc.LONG;
import static dev.jubelet.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A started process with our ends of its pipes. Closing it closes these; it neither kills nor
/// reaps. posix_spawn(3) rather than Java's own ProcessBuilder, which can neither make a session
/// nor
/// say what is inherited, and takes a thread per process.
final class Spawned implements AutoCloseable {
  // sizes and values of glibc on 64-bit Linux
  private static final long ATTRIBUTES_BYTES = 336;
  private static final long ACTIONS_BYTES = 80;
  private static final long SIGNAL_SET_BYTES = 128;
  private static final short SETSIGDEF = 4;
  private static final short SETSIGMASK = 8;
  private static final short SETSID = 128;
  private static final int SIGCHLD = 17;
  private static final int SIGKILL = 9;

  private static final Libc SPAWN =
      Libc.ofInt("posix_spawnp", POINTER, POINTER, POINTER, POINTER, POINTER, POINTER);
  private static final Libc ATTR_INIT = Libc.ofInt("posix_spawnattr_init", POINTER);
  private static final Libc ATTR_DESTROY = Libc.ofInt("posix_spawnattr_destroy", POINTER);
  private static final Libc ATTR_FLAGS =
      Libc.ofInt("posix_spawnattr_setflags", POINTER, ValueLayout.JAVA_SHORT);
  private static final Libc ATTR_MASK = Libc.ofInt("posix_spawnattr_setsigmask", POINTER, POINTER);
  private static final Libc ATTR_DEFAULT =
      Libc.ofInt("posix_spawnattr_setsigdefault", POINTER, POINTER);
  private static final Libc SIG_EMPTY = Libc.ofInt("sigemptyset", POINTER);
  private static final Libc SIG_FILL = Libc.ofInt("sigfillset", POINTER);
  private static final Libc ACTIONS_INIT = Libc.ofInt("posix_spawn_file_actions_init", POINTER);
  private static final Libc ACTIONS_DESTROY =
      Libc.ofInt("posix_spawn_file_actions_destroy", POINTER);
  private static final Libc ACTIONS_DUP2 =
      Libc.ofInt("posix_spawn_file_actions_adddup2", POINTER, INT, INT);
  private static final Libc ACTIONS_CLOSE_FROM =
      Libc.ofInt("posix_spawn_file_actions_addclosefrom_np", POINTER, INT);
  private static final Libc SIGNAL = Libc.ofLong("signal", INT, LONG);

  static {
    try {
      // Were SIGCHLD ignored (inherited from whoever started us), exits could not be waited for.
      SIGNAL.call("SIGCHLD", SIGCHLD, 0L);
    } catch (KernelException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PidFd pidFd;
  private final Fd stdout;
  private final Fd stderr;
  private @Nullable Fd stdin;

  private Spawned(PidFd pidFd, Fd stdin, Fd stdout, Fd stderr) {
    this.pidFd = pidFd;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  static Spawned start(List<String> argv, Map<String, String> env) throws IOException {
    List<Fd> ours = new ArrayList<>();
    List<Fd> theirs = new ArrayList<>();
    try {
      for (int number = 0; number < 3; number++) {
        Fd[] pipe = Fd.pipe();
        theirs.add(number == 0 ? pipe[0] : pipe[1]);
        ours.add(number == 0 ? pipe[1] : pipe[0]);
        ours.get(number).nonBlocking();
      }
      PidFd pidFd = spawn(argv, env, theirs);
      return new Spawned(pidFd, ours.get(0), ours.get(1), ours.get(2));
    } catch (IOException e) {
      ours.forEach(Fd::close);
      throw e;
    } finally {
      theirs.forEach(Fd::close);
    }
  }

  private static PidFd spawn(List<String> argv, Map<String, String> env, List<Fd> fds)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = attributes(arena);
      MemorySegment actions = actions(arena, fds);
      try {
        MemorySegment pid = arena.allocate(INT);
        List<String> variables =
            env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        String program = argv.getFirst();
        int error = (int) SPAWN.call(
            program,
            pid,
            program,
            actions,
            attributes,
            strings(arena, argv),
            strings(arena, variables));
        if (error != 0) {
          throw new KernelException("starting", program, error);
        }
        return pinned(pid.get(INT, 0));
      } finally {
        ACTIONS_DESTROY.call("file actions", actions);
        ATTR_DESTROY.call("attributes", attributes);
      }
    }
  }

  // It is our child and unreaped, so the number is its own.
  private static PidFd pinned(int pid) throws IOException {
    try {
      return PidFd.open(pid);
    } catch (IOException e) {
      PidFd.killGroup(pid, SIGKILL);
      throw e;
    }
  }

  private static MemorySegment attributes(Arena arena) throws KernelException {
    MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
    MemorySegment signals = arena.allocate(SIGNAL_SET_BYTES, 8);
    ATTR_INIT.call("attributes", attributes);
    SIG_EMPTY.call("mask", signals);
    ATTR_MASK.call("mask", attributes, signals);
    SIG_FILL.call("defaults", signals);
    ATTR_DEFAULT.call("defaults", attributes, signals);
    ATTR_FLAGS.call("flags", attributes, (short) (SETSID | SETSIGMASK | SETSIGDEF));
    return attributes;
  }

  private static MemorySegment actions(Arena arena, List<Fd> fds) throws KernelException {
    MemorySegment actions = arena.allocate(ACTIONS_BYTES, 8);
    ACTIONS_INIT.call("file actions", actions);
    for (int number = 0; number < fds.size(); number++) {
      ACTIONS_DUP2.call("fd " + number, actions, fds.get(number).number(), number);
    }
    ACTIONS_CLOSE_FROM.call("fd 3", actions, fds.size());
    return actions;
  }

  private static MemorySegment strings(Arena arena, List<String> texts) {
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return array;
  }

  long pid() {
    return pidFd.pid();
  }

  PidFd pidFd() {
    return pidFd;
  }

  Fd stdout() {
    return stdout;
  }

  Fd stderr() {
    return stderr;
  }

  /// Null once it is closed.
  @Nullable
  Fd stdin() {
    return stdin;
  }

  void closeStdin() {
    if (stdin != null) {
      stdin.close();
      stdin = null;
    }
  }

  @Override
  public void close() {
    closeStdin();
    stdout.close();
    stderr.close();
    pidFd.close();
  }
}
