package dev.jubelet.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// One function of libc that tells failure by a negative result and `errno`. Bound on first use;
/// thread-safe. Paths and strings among the arguments become C strings for the time of the call.
final class Libc {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final int FIRST_ARGUMENT =
      2; // after the captured state and a system call's number

  private final String name;
  private final MethodHandle handle;

  private Libc(String name, MethodHandle handle) {
    this.name = name;
    this.handle = handle;
  }

  /// A function that returns an int.
  static Libc ofInt(String name, MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(INT, arguments));
  }

  /// A function that returns a long (`ssize_t`).
  static Libc ofLong(String name, MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(LONG, arguments));
  }

  /// A variadic function that returns an int; `fixed` arguments precede the dots.
  static Libc variadic(String name, int fixed, MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(INT, arguments), Linker.Option.firstVariadicArg(fixed));
  }

  /// A function that only a newer glibc has: by its name, else by `syscall(number, …)`. All of
  /// these
  /// numbers are above 423, from where on they are the same on every architecture.
  static Libc orSystemCall(String name, long number, MemoryLayout... arguments) {
    if (has(name)) {
      return ofInt(name, arguments);
    }
    MemoryLayout[] all = new MemoryLayout[arguments.length + 1];
    all[0] = LONG;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    MethodHandle call =
        downcall("syscall", FunctionDescriptor.of(LONG, all), Linker.Option.firstVariadicArg(1));
    MethodHandle numbered = MethodHandles.insertArguments(call, FIRST_ARGUMENT - 1, number);
    return new Libc(name, spread(numbered));
  }

  /// Whether this libc has it.
  static boolean has(String name) {
    return find(name).isPresent();
  }

  /// Calls it; the result is never negative.
  ///
  /// @param what what the call is about, for the error's text
  long call(String what, Object... arguments) throws KernelException {
    long result;
    int errno;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      for (int i = 0; i < arguments.length; i++) {
        all[i + 1] = toNative(arena, arguments[i]);
      }
      result = (long) handle.invokeExact(all);
      errno = state.get(INT, ERRNO);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("cannot call " + name, e);
    }
    if (result < 0) {
      throw new KernelException(name, what, errno);
    }
    return result;
  }

  private static Object toNative(Arena arena, Object argument) {
    return switch (argument) {
      case Path path -> arena.allocateFrom(path.toString());
      case String text -> arena.allocateFrom(text);
      default -> argument;
    };
  }

  private static Libc bind(String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return new Libc(name, spread(downcall(name, descriptor, options)));
  }

  private static MethodHandle downcall(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment address =
        find(name).orElseThrow(() -> new UnsatisfiedLinkError("libc has no " + name));
    Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = Linker.Option.captureCallState("errno");
    return LINKER.downcallHandle(address, descriptor, all);
  }

  private static MethodHandle spread(MethodHandle handle) {
    MethodType widened = handle.type().changeReturnType(long.class);
    return handle
        .asType(widened)
        .asSpreader(Object[].class, widened.parameterCount())
        .asType(MethodType.methodType(long.class, Object[].class));
  }

  private static Optional<MemorySegment> find(String name) {
    Optional<MemorySegment> common = LINKER.defaultLookup().find(name);
    return common.isPresent() ? common : SymbolLookup.loaderLookup().find(name);
  }
}
