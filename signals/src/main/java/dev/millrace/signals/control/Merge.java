package dev.millrace.signals.control;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Joining;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.time.Clock;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Joins frames of the same sequence, one of each input, into one with the channels of all.
///
/// A frame goes on alone or with those that are there, and is counted as incomplete, when every
/// other input has come to a later sequence, when it has waited too long, when too many wait, or
/// when the input ends. What comes after that is refused as `late`. Rounds leave in order.
public final class Merge implements Joining, Stateful {
  private final Config config;
  private final long timeoutNanos;

  private @Nullable Running running; // set by open
  private int input;

  /// The keys of a `Merge`.
  public record Config(
      @About(
              "Milliseconds that a frame waits for its counterparts, then it goes on without them;"
                  + " 0: until they come or a later frame shows that they will not.")
          @Default("0")
          @Range(min = 0, max = 86_400_000)
          long timeoutMs,
      @About(
              "Puts the node id of the input and a full stop before each channel's name; otherwise"
                  + " of two channels with one name that of the later input counts.")
          @Default("false")
          boolean prefix,
      @About(
              "Frames that may wait. At that number the oldest go on as they are; let it be more"
                  + " than the edges of the slowest branch can hold.")
          @Default("4096")
          @Range(min = 1, max = 65_535)
          int maxPending) {}

  public Merge(Config config) {
    this.config = config;
    this.timeoutNanos = Duration.ofMillis(config.timeoutMs()).toNanos();
  }

  @Override
  public void open(NodeContext context) {
    running = new Running(context, prefixes(context.inputs()));
  }

  @Override
  public void from(int next) {
    input = next;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var here = opened();
    if (input >= here.prefixes.size()) { // no edge: a letter from a node that failed
      here.context.rejected("no_input", "a merge joins what comes over its edges, nothing else");
      return;
    }
    if (!(frame.body() instanceof Samples || frame.body() instanceof Body.Empty)) {
      here.context.rejected("no_samples", "a merge takes channels of samples, not text or JSON");
      here.join.pass(input, frame.sequence());
    } else if (!here.join.offer(input, frame.detach(), here.now())) {
      here.context.rejected(
          "late",
          "frame "
              + Long.toUnsignedString(frame.sequence())
              + " of "
              + here.nameOf(input)
              + " came when its counterparts had gone on without it");
    }
    here.emitDecided(outlet);
    while (here.join.waiting() > config.maxPending()) {
      here.emitForced(outlet);
    }
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    var here = opened();
    here.emitOverdue(outlet);
    here.held = here.join.waiting();
    here.count();
  }

  @Override
  public void idle(Outlet outlet) {
    var here = opened();
    here.emitOverdue(outlet);
    here.held = here.join.waiting();
    here.count();
    here.callAgain();
  }

  @Override
  public void finish(Outlet outlet) {
    var here = opened();
    while (here.join.waiting() > 0) {
      here.emitForced(outlet);
    }
    here.held = 0;
    here.count();
  }

  @Override
  public long heldFrames() {
    var here = running;
    return here == null ? 0 : here.held;
  }

  @Override
  public void close() {
    if (running != null) {
      running.cancel();
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    opened().join.save(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    opened().join.restore(in, opened().now());
  }

  private Running opened() {
    return Objects.requireNonNull(running, "the node is not open");
  }

  /// What stands before the channels of each input: its node's id, and a number if it has several.
  private static List<String> prefixes(List<String> nodes) {
    var prefixes = new ArrayList<String>();
    var seen = new HashSet<String>();
    for (var node : nodes) {
      var name = node;
      for (int i = 2; !seen.add(name); i++) {
        name = node + "#" + i;
      }
      prefixes.add(name + ".");
    }
    return prefixes.isEmpty() ? List.of("") : prefixes;
  }

  /// What lives from open to close.
  private final class Running {
    private final NodeContext context;
    private final List<String> prefixes;
    private final FrameJoin join;
    private Clock.@Nullable Timer timer;
    private long incomplete; // rounds that the metric does not know of yet
    private volatile long held; // written by the node's thread, read by whoever drains

    Running(NodeContext context, List<String> prefixes) {
      this.context = context;
      this.prefixes = prefixes;
      this.join = new FrameJoin(prefixes.size());
    }

    long now() {
      return context.clock().nanoTime();
    }

    String nameOf(int index) {
      return "input " + (index + 1) + " (" + prefixes.get(index) + ")";
    }

    void emitDecided(Outlet outlet) {
      for (var round = join.next(); round != null; round = join.next()) {
        outlet.emit(joined(round));
      }
    }

    void emitForced(Outlet outlet) {
      var round = join.force();
      if (round != null) {
        outlet.emit(joined(round));
        emitDecided(outlet);
      }
    }

    void emitOverdue(Outlet outlet) {
      while (timeoutNanos > 0 && join.waiting() > 0 && now() - join.oldestNanos() >= timeoutNanos) {
        emitForced(outlet);
      }
    }

    /// Has the node called when the frame that waits longest has waited long enough.
    void callAgain() {
      cancel();
      if (timeoutNanos > 0 && join.waiting() > 0) {
        long left = join.oldestNanos() + timeoutNanos - now();
        timer = context.clock().after(Duration.ofNanos(Math.max(1, left)), context::wake);
      }
    }

    void cancel() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }

    void count() {
      if (incomplete > 0) {
        context
            .metrics()
            .counter(ControlMetric.MERGE_INCOMPLETE, context.pipeline(), context.node())
            .inc(incomplete);
        incomplete = 0;
      }
    }

    private Frame joined(@Nullable Frame[] round) {
      Frame first = null;
      int present = 0;
      for (var frame : round) {
        if (frame != null) {
          first = first == null ? frame : first;
          present++;
        }
      }
      if (present < round.length) {
        incomplete++;
      }
      var base = Objects.requireNonNull(first, "a round without a frame");
      return present == 1 && !config.prefix() ? base : union(base, round);
    }

    private Frame union(Frame base, @Nullable Frame[] round) {
      var channels = new TreeMap<String, double[]>();
      var tags = new ArrayList<SampleTag>();
      var metadata = new TreeMap<String, String>();
      for (int i = 0; i < round.length; i++) {
        var frame = round[i];
        if (frame == null) {
          continue;
        }
        metadata.putAll(frame.metadata().entries());
        if (frame.body() instanceof Samples samples) {
          var prefix = config.prefix() ? prefixes.get(i) : "";
          samples.channels().forEach((name, values) -> channels.put(prefix + name, values));
          tags.addAll(samples.tags());
        }
      }
      var body = channels.isEmpty() ? Body.EMPTY : tagged(Samples.of(channels), tags);
      return new Frame(base.timestampMicros(), base.sequence(), body, new Metadata(metadata));
    }

    private static Body tagged(Samples samples, List<SampleTag> tags) {
      return tags.isEmpty() ? samples : samples.withTags(tags);
    }
  }
}
