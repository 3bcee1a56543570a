package dev.millrace.core.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/// A lent array of samples and how many hold it. Whoever takes one writes into it before it is
/// emitted; afterwards nobody does. The engine alone counts holders: a frame in a queue, in a chain
/// or in a branch is one. When the last lets go, the array returns to its pool.
///
/// Counting is safe from any thread.
public final class SampleBuffer implements AutoCloseable {
  private static final int HOME = -1;
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(SampleBuffer.class, "holders", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final double[] array;
  private final Consumer<SampleBuffer> home;

  // Written by whoever takes, holds or lets go: HOME in the pool, 0 taken and not emitted yet.
  private volatile int holders = HOME;

  SampleBuffer(int samples, Consumer<SampleBuffer> home) {
    this.array = new double[samples];
    this.home = home;
  }

  /// The array itself.
  ///
  /// @throws IllegalStateException once it has gone back
  public double[] array() {
    if (holders == HOME) {
      throw new IllegalStateException("the samples have gone back to their pool");
    }
    return array;
  }

  public int length() {
    return array.length;
  }

  /// One more holds it.
  public void retain() {
    if ((int) HOLDERS.getAndAdd(this, 1) < 0) {
      holders = HOME;
      throw new IllegalStateException("the samples have gone back to their pool");
    }
  }

  /// One less holds it; the last one gives it back.
  public void release() {
    int left = (int) HOLDERS.getAndAdd(this, -1) - 1;
    if (left == 0) {
      holders = HOME;
      home.accept(this);
    } else if (left < 0) {
      holders = HOME;
      throw new IllegalStateException("samples were released more often than held");
    }
  }

  /// Gives it back if nobody holds it; does nothing otherwise, nor a second time.
  @Override
  public void close() {
    if (HOLDERS.compareAndSet(this, 0, HOME)) {
      home.accept(this);
    }
  }

  /// The pool lends it out.
  void lend() {
    holders = 0;
  }

  /// The array, for its pool.
  double[] content() {
    return array;
  }
}
