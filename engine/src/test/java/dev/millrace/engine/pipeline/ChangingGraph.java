package dev.millrace.engine.pipeline;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Default;
import dev.millrace.core.time.Clock;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.graph.Graph;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Nodes that say which of their instances a frame went through, and what came of them.
final class ChangingGraph {
  final Map<String, List<Frame>> sinks = new ConcurrentHashMap<>();
  final AtomicInteger open = new AtomicInteger();
  final AtomicLong counted = new AtomicLong(); // by all sources

  final AtomicInteger failures = new AtomicInteger();
  private final List<NodeContext> opened = new CopyOnWriteArrayList<>();

  /// Set by the test, read by nodes.
  volatile boolean breaksOpen;

  volatile boolean finishFails;
  volatile boolean sinksHold;

  /// Set by a sink that was asked and took nothing: from then on what waits for it goes on waiting.
  volatile boolean sinkHeld;
  final CountDownLatch gate = new CountDownLatch(1);
  final CountDownLatch inside = new CountDownLatch(1);

  void sinksGoOn() {
    sinksHold = false;
    opened.forEach(NodeContext::wake);
  }

  record Config(@Default("1") int gain, @Default("false") boolean waits) {}

  NodeCatalogue catalogue() {
    return new NodeCatalogue(
        List.of(
            NodeType.source("count", "", Config.class, Count::new),
            NodeType.transform("gain", "", Config.class, Gain::new).asStateless(),
            NodeType.transform("stuck", "", Config.class, config -> new Stuck()).asStateless(),
            NodeType.transform("failing", "", Config.class, config -> new Failing()).asStateless(),
            NodeType.transform("gather", "", Config.class, config -> new Gather()),
            NodeType.sink("sink", "", Config.class, Sink::new),
            NodeType.sink("file", "", Config.class, FileLike::new),
            NodeType.sink("timed", "", Config.class, Timed::new)));
  }

  Graph graph(String settings, List<String> nodes, List<String> edges) {
    var json =
        "{\"pipeline_config\":"
            + settings
            + ",\"nodes\":["
            + nodes.stream().map(ChangingGraph::node).collect(Collectors.joining(","))
            + "],\"connections\":["
            + edges.stream().map(ChangingGraph::edge).collect(Collectors.joining(","))
            + "]}";
    var problems = new Problems();
    return Documents.parse("graph.json", json.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Graph.read(tree, catalogue(), problems))
        .orElseThrow(() -> new AssertionError(problems + json));
  }

  /// `type id gain waits`, and maybe `min max` of its workers.
  private static String node(String text) {
    var parts = text.split(" ", -1);
    var care =
        parts[0].equals("failing")
            ? ",\"error_policy\":\"SkipFrame\",\"restart\":{\"Exponential\":{\"base_ms\":30}}"
            : "";
    var workers =
        parts.length < 6
            ? ""
            : ",\"workers\":{\"min\":%s,\"max\":%s}".formatted(parts[4], parts[5]);
    return "{\"id\":\"%s\",\"type\":\"%s\",\"config\":{\"gain\":%s,\"waits\":%s}%s%s}"
        .formatted(parts[1], parts[0], parts[2], parts[3], care, workers);
  }

  private static String edge(String text) {
    var parts = text.split(" ", -1);
    return "{\"from\":\"%s\",\"to\":\"%s\"}".formatted(parts[0], parts[1]);
  }

  /// Counts instances that are open.
  abstract class Counted {
    public void open(NodeContext context) throws Exception {
      if (breaksOpen) {
        throw new IllegalStateException("broken");
      }
      open.incrementAndGet();
    }

    public void close() {
      open.decrementAndGet();
    }
  }

  private final class Count extends Counted implements Source {
    private final boolean paced;
    private Clock clock = new FakeClock();
    private long next = 1;
    private String stream = "";
    private boolean drained;

    Count(Config config) {
      paced = config.waits;
    }

    @Override
    public void open(NodeContext context) throws Exception {
      super.open(context);
      clock = context.clock();
      stream = context.node();
      next = context.resumeAfter(stream).orElse(0) + 1;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      for (int i = 0; i < Math.min(limit, paced ? 5 : limit) && !drained; i++) {
        outlet.emit(Frame.trigger(0, next++).withMetadata(new Metadata(Map.of("from", stream))));
        counted.incrementAndGet();
      }
      return drained
          ? Progress.DONE
          : paced ? Progress.at(clock.nanoTime() + 200_000) : Progress.MORE;
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact(stream, next - 1);
    }

    @Override
    public void drain() {
      drained = true;
    }
  }

  private final class Gain extends Counted implements Processor {
    private final Config config;
    private String id = "";

    Gain(Config config) {
      this.config = config;
    }

    @Override
    public void open(NodeContext context) throws Exception {
      super.open(context);
      id = context.node();
    }

    @Override
    public Execution execution() {
      return config.waits ? Execution.WAITING : Execution.INLINE;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(frame.withMetadata(frame.metadata().with(id, String.valueOf(config.gain))));
    }
  }

  private final class Stuck extends Counted implements Processor {
    @Override
    public Execution execution() {
      return Execution.WAITING;
    }

    @Override
    public void process(Frame frame, Outlet outlet) throws Exception {
      inside.countDown();
      gate.await();
      outlet.emit(frame);
    }
  }

  /// Fails twice on each hundredth frame.
  private final class Failing extends Counted implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      if (frame.sequence() % 100 == 0 && failures.incrementAndGet() % 3 != 0) {
        throw new IllegalStateException("not now");
      }
      outlet.emit(frame);
    }
  }

  /// Hands its frames on in pairs.
  private final class Gather extends Counted implements Processor {
    private @Nullable Frame first;

    @Override
    public void process(Frame frame, Outlet outlet) {
      var before = first;
      first = frame;
      if (before != null) {
        outlet.emit(before);
        outlet.emit(frame);
        first = null;
      }
    }

    @Override
    public void finish(Outlet outlet) {
      if (finishFails) {
        throw new IllegalStateException("speechless");
      }
      if (first != null) {
        outlet.emit(first);
      }
    }
  }

  /// Holds something that it must be alone with.
  private final class FileLike extends Sink {
    FileLike(Config config) {
      super(config);
    }

    @Override
    public Execution execution() {
      return Execution.NATIVE;
    }
  }

  /// Gathers frames for an hour.
  private final class Timed extends Sink {
    private final List<Frame> gathered = new java.util.ArrayList<>();
    private Clock.@Nullable Timer timer;
    private boolean due; // set by the clock's thread, and late

    Timed(Config config) {
      super(config);
    }

    @Override
    public void open(NodeContext context) throws Exception {
      super.open(context);
      timer = context.clock().after(java.time.Duration.ofHours(1), () -> due = true);
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      gathered.add(frame);
      if (due) {
        finish(outlet);
      }
    }

    @Override
    public void finish(Outlet outlet) {
      gathered.forEach(frame -> super.process(frame, outlet));
      gathered.clear();
    }

    @Override
    public void close() {
      super.close();
      java.util.Objects.requireNonNull(timer).cancel();
    }
  }

  private class Sink extends Counted implements Processor {
    private final Config config;
    private @Nullable List<Frame> frames;

    Sink(Config config) {
      this.config = config;
    }

    @Override
    public void open(NodeContext context) throws Exception {
      super.open(context);
      opened.add(context);
      frames = sinks.computeIfAbsent(context.node(), any -> new java.util.ArrayList<>());
    }

    @Override
    public Execution execution() {
      return config.waits ? Execution.WAITING : Execution.INLINE;
    }

    @Override
    public boolean ready() {
      boolean hold = sinksHold;
      sinkHeld |= hold;
      return !hold;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var kept = java.util.Objects.requireNonNull(frames);
      synchronized (kept) {
        kept.add(frame);
      }
    }
  }

  /// Of a third of all nodes.
  static String workers(Random random) {
    int min = 1 + random.nextInt(2);
    return random.nextInt(3) > 0 ? "" : " " + min + " " + (min + random.nextInt(3));
  }

  static String flag(Random random) {
    return random.nextInt(4) == 0 ? "true" : "false";
  }
}
