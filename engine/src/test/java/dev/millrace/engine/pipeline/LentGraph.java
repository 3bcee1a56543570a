package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.fixture.EngineFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A random graph of nodes that take, share, keep and waste lent arrays, over edges that block,
/// drop and branch. Every sample of a frame is the frame's sequence, and every node says when it
/// finds another value: where arrays that went back are filled with NaN, one that went too early.
final class LentGraph {
  private static final int SAMPLES = 16;

  final AtomicLong seen = new AtomicLong();
  private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
  private final Random random;
  private final long frames;
  private final long failingAt;
  private final int transforms;
  private final List<String> edges = new ArrayList<>();

  LentGraph(long seed, long frames, long failingAt) {
    this.random = new Random(seed);
    this.frames = frames;
    this.failingAt = failingAt;
    this.transforms = 1 + random.nextInt(6);
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  String register(EngineFixture engine) {
    int failing = random.nextInt(transforms);
    var nodes = new ArrayList<String>();
    engine.source("n0", new Waves());
    for (int i = 1; i <= transforms; i++) {
      int kind = random.nextInt(7);
      var execution = execution();
      boolean fails = i - 1 == failing;
      engine.stateless("n" + i, () -> new Change(kind, execution, fails));
    }
    int size = transforms + 1 + 1 + random.nextInt(2);
    for (int i = transforms + 1; i < size; i++) {
      engine.sink("n" + i, new Sink(execution()));
    }
    for (int i = 0; i < size; i++) {
      var workers = i > 0 && i <= transforms ? RandomGraph.workers(random, false) : "";
      nodes.add("{\"id\":\"n" + i + "\",\"type\":\"n" + i + "\"" + workers + "}");
    }
    for (int to = 1; to < size; to++) {
      int before = Math.min(to, transforms + 1);
      int first = random.nextInt(before);
      edge(first, to);
      for (int from = 0; from < before; from++) {
        if (from != first && random.nextInt(4) == 0) {
          edge(from, to);
        }
      }
    }
    return "{\"pipeline_config\":{\"channel_capacity\":"
        + (1 + random.nextInt(100))
        + "},\"nodes\":"
        + nodes
        + ",\"connections\":"
        + edges
        + "}";
  }

  private Execution execution() {
    return random.nextInt(4) == 0 ? Execution.WAITING : Execution.INLINE;
  }

  private void edge(int from, int to) {
    var extra =
        switch (random.nextInt(8)) {
          case 0 -> ",\"strategy\":\"drop_oldest\",\"capacity\":" + (1 + random.nextInt(20));
          case 1 -> ",\"strategy\":\"drop_newest\",\"capacity\":" + (1 + random.nextInt(20));
          case 2 -> ",\"timeout_ms\":1,\"capacity\":" + (1 + random.nextInt(20));
          case 3 -> ",\"branch\":\"" + random.nextInt(2) + "\"";
          default -> "";
        };
    edges.add("{\"from\":\"n" + from + "\",\"to\":\"n" + to + "\"" + extra + "}");
  }

  private Samples check(String who, Frame frame) {
    var samples = (Samples) frame.body();
    for (int channel = 0; channel < samples.count(); channel++) {
      for (double sample : samples.channel(channel)) {
        if (sample != frame.sequence()) {
          complaints.add(who + " found " + sample + " in frame " + frame.sequence());
          return samples;
        }
      }
    }
    return samples;
  }

  private static dev.millrace.core.frame.SampleBuffer filled(SampleLender lender, long value) {
    var buffer = lender.take(SAMPLES);
    java.util.Arrays.fill(buffer.array(), (double) value);
    return buffer;
  }

  private final class Waves implements Source {
    private @Nullable SampleLender lender;
    private long next = 1;
    private boolean drained;

    @Override
    public void open(NodeContext context) {
      lender = context.samples();
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      var from = java.util.Objects.requireNonNull(lender);
      for (int i = 0; i < limit && next <= frames && !drained; i++, next++) {
        var body = Samples.of("a", filled(from, next));
        if (next % 3 == 0) {
          body = body.with("b", new double[] {next});
        }
        outlet.emit(new Frame(0, next, body, Metadata.NONE));
      }
      return next > frames || drained ? Progress.DONE : Progress.MORE;
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact("waves", next - 1);
    }

    @Override
    public void drain() {
      drained = true;
    }
  }

  private final class Change implements Processor {
    private final int kind;
    private final Execution execution;
    private final boolean fails;
    private final List<Frame> kept = new ArrayList<>();
    private @Nullable SampleLender lender;

    Change(int kind, Execution execution, boolean fails) {
      this.kind = kind;
      this.execution = execution;
      this.fails = fails;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void open(NodeContext context) {
      lender = context.samples();
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var from = java.util.Objects.requireNonNull(lender);
      var samples = check("kind " + kind, frame);
      switch (kind) {
        case 0 -> outlet.emit(frame);
        case 1 -> {
          var fresh = new dev.millrace.core.frame.@Nullable SampleBuffer[samples.count()];
          fresh[0] = filled(from, frame.sequence());
          outlet.emit(frame.withBody(samples.replaced(fresh)));
        }
        case 2 -> {
          outlet.emit(frame, "0");
          outlet.emit(frame.withBody(samples.with("c", filled(from, frame.sequence()))), "1");
        }
        case 3 -> {
          filled(from, -1);
          if (frame.sequence() % 2 == 0) {
            outlet.emit(frame, String.valueOf(frame.sequence() % 4 / 2));
          }
        }
        case 4 -> kept.add(frame.detach());
        default -> {
          var shared = filled(from, frame.sequence());
          outlet.emit(frame.withBody(Samples.of("x", shared).with("y", shared)));
        }
      }
      if (fails && frame.sequence() == failingAt) {
        throw new IllegalStateException("as told");
      }
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      kept.forEach(outlet::emit);
      kept.clear();
    }
  }

  private final class Sink implements Processor {
    private final Execution execution;

    Sink(Execution execution) {
      this.execution = execution;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      check("a sink", frame);
      seen.incrementAndGet();
    }
  }
}
