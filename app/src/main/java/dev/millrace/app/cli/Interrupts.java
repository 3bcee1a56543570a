package dev.millrace.app.cli;

import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicBoolean;

/// INT and TERM: the first asks for a drain, the second ends the process at once.
///
/// A shutdown hook would hear of the first signal only and could not choose the exit code, so this
/// uses `sun.misc.Signal`; by name, because the compiler has no way to be told that it is meant.
final class Interrupts {
  private static final String[] SIGNALS = {"INT", "TERM"};

  private final Runnable first;
  private final AtomicBoolean seen = new AtomicBoolean();

  private Interrupts(Runnable first) {
    this.first = first;
  }

  /// Calls `first` on the signal thread at the first signal; it must only hand the work on.
  static void handle(Runnable first) {
    var interrupts = new Interrupts(first);
    try {
      var lookup = MethodHandles.lookup();
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var arrived =
          lookup
              .findVirtual(
                  Interrupts.class, "arrived", MethodType.methodType(void.class, Object.class))
              .bindTo(interrupts)
              .asType(MethodType.methodType(void.class, signal));
      var proxy = MethodHandleProxies.asInterfaceInstance(handler, arrived);
      var register = signal.getMethod("handle", signal, handler);
      for (var name : SIGNALS) {
        register.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      }
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException("this Java cannot handle signals", missing);
    }
  }

  @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // called through the handle
  private void arrived(Object signal) {
    if (seen.compareAndSet(false, true)) {
      first.run();
    } else {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
    }
  }
}
