package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Takes its time over each frame, one after the other. An interrupt ends the wait.
public final class Delay implements Processor {
  private final Duration wait;
  private @Nullable Clock clock; // set by open

  /// The keys of a `Delay`.
  public record Config(
      @About("How long each frame takes, in milliseconds.")
          @Default("0")
          @Range(min = 0, max = 86_400_000)
          double ms) {}

  public Delay(Config config) {
    this.wait = Duration.ofNanos(Math.round(config.ms() * 1e6));
  }

  @Override
  public Execution execution() {
    return Execution.WAITING;
  }

  @Override
  public void open(NodeContext context) {
    clock = context.clock();
  }

  @Override
  public void process(Frame frame, Outlet outlet) throws InterruptedException {
    if (!wait.isZero()) {
      var over = new CountDownLatch(1);
      var timer =
          Objects.requireNonNull(clock, "a frame came before open").after(wait, over::countDown);
      try {
        over.await(); // the timer is the deadline
      } finally {
        timer.cancel();
      }
    }
    outlet.emit(frame);
  }
}
