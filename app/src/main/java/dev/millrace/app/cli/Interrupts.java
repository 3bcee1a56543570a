package dev.millrace.app.cli;

import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicBoolean;

/// INT and TERM: the first asks for a drain, the second ends the process at once. HUP asks for the
/// configuration to be read again; under `nohup` it stays ignored.
///
/// A shutdown hook would hear of the first signal only and could not choose the exit code, so this
/// uses `sun.misc.Signal`; by name, because the compiler has no way to be told that it is meant.
public final class Interrupts {
  private final Runnable action;

  private Interrupts(Runnable action) {
    this.action = action;
  }

  /// Calls `first` on the signal thread at the first INT or TERM, and `hangup` at each HUP; both
  /// must only hand the work on.
  public static void handle(Runnable first, Runnable hangup) {
    var seen = new AtomicBoolean();
    Runnable end =
        () -> {
          if (seen.compareAndSet(false, true)) {
            first.run();
          } else {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
          }
        };
    on("INT", end);
    on("TERM", end);
    on("HUP", hangup);
  }

  /// Calls `action` on the signal thread whenever the terminal has got another size.
  public static void handleResize(Runnable action) {
    on("WINCH", action);
  }

  private static void on(String name, Runnable action) {
    try {
      var lookup = MethodHandles.lookup();
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var arrived =
          lookup
              .findVirtual(
                  Interrupts.class, "arrived", MethodType.methodType(void.class, Object.class))
              .bindTo(new Interrupts(action))
              .asType(MethodType.methodType(void.class, signal));
      var proxy = MethodHandleProxies.asInterfaceInstance(handler, arrived);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException("this Java cannot handle the signal " + name, missing);
    }
  }

  @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // called through the handle
  private void arrived(Object signal) {
    action.run();
  }
}
