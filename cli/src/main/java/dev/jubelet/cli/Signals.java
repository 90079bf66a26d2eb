package dev.jubelet.cli;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/// Hears SIGINT, SIGTERM and SIGHUP. The JVM's class for that is named nowhere in the compiled code
/// since naming it is a warning; a shutdown hook could not tell the second Ctrl-C.
public final class Signals {
  private Signals() {}

  /// Runs `heard` for each signal, on a thread of the JVM. Signals that were ignored when the
  /// process started (nohup) stay so.
  @SuppressWarnings("ReferenceEquality") // a proxy's equals is this very lambda
  public static void onEnd(Runnable heard) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invoke = (proxy, method, arguments) -> switch (method.getName()) {
        case "handle" -> {
          heard.run();
          yield null;
        }
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "a signal's handler";
      };
      Object ours = Proxy.newProxyInstance(
          MethodHandles.lookup().lookupClass().getClassLoader(), new Class<?>[] {handler}, invoke);
      for (String name : List.of("INT", "TERM", "HUP")) {
        handle(signal, handler, name, ours);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no signals (module jdk.unsupported)", e);
    }
  }

  private static void handle(Class<?> signal, Class<?> handler, String name, Object ours)
      throws ReflectiveOperationException {
    Object of = signal.getConstructor(String.class).newInstance(name);
    try {
      signal.getMethod("handle", signal, handler).invoke(null, of, ours);
    } catch (InvocationTargetException e) {
      if (!(e.getCause() instanceof IllegalArgumentException)) {
        throw e;
      }
      // the JVM was told to leave signals alone (-Xrs)
    }
  }
}
