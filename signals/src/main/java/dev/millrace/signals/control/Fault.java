package dev.millrace.signals.control;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Fails where it is told to, and hands on the rest. It counts attempts, so that a frame that is
/// tried again is another one; the count belongs to the node's place in the pipeline and goes on
/// when the node is restarted.
public final class Fault implements Processor, Stateful {
  private final Config config;
  private final Set<Long> sequences;
  private @Nullable Attempts attempts; // set by open

  /// The keys of a `Fault`.
  public record Config(
      @About("Every how many attempts one fails: 3 fails the 3rd, 6th, 9th … 0: none.")
          @Default("0")
          @Range(min = 0)
          long failEvery,
      @About("How many of the first attempts fail.") @Default("0") @Range(min = 0) long failFirst,
      @About("Sequence numbers of frames that fail, whenever they are tried.")
          List<Long> failSequence,
      @About("What the failure says.") @Default("injected fault") String message) {}

  /// Written by the node's thread, one instance after the other.
  private static final class Attempts {
    private long count;
  }

  /// A failure on demand.
  public static final class FaultException extends Exception {
    FaultException(String message) {
      super(message);
    }
  }

  public Fault(Config config) {
    this.config = config;
    this.sequences = Set.copyOf(config.failSequence());
  }

  @Override
  public void open(NodeContext context) {
    attempts = context.kept(Attempts.class, Attempts::new);
  }

  @Override
  public void process(Frame frame, Outlet outlet) throws FaultException {
    long attempt = ++opened().count;
    if (attempt <= config.failFirst()
        || (config.failEvery() > 0 && attempt % config.failEvery() == 0)
        || (!sequences.isEmpty() && sequences.contains(frame.sequence()))) {
      throw new FaultException(
          config.message()
              + " (attempt "
              + attempt
              + ", frame "
              + Long.toUnsignedString(frame.sequence())
              + ")");
    }
    outlet.emit(frame);
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeLong(opened().count);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    opened().count = in.readLong();
  }

  private Attempts opened() {
    return Objects.requireNonNull(attempts, "a frame came before open");
  }
}
