package dev.millrace.control.pipeline;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.spec.Default;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A real engine, a set of pipelines, and nodes that a test tells what to do: `Count` counts up
/// from where its sinks are, `Pass` passes on (and fails to open, or on a frame, when told to; a
/// tag that is a path is one that it has to be allowed),
/// `Store` keeps what it gets beyond the run, as a database would.
final class World implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final SystemClock clock = new SystemClock();
  final Metrics metrics = new Metrics();
  final SignalBus signals = new SignalBus(10_000, clock, metrics);
  final EngineRuntime engine =
      new EngineRuntime(EngineSpec.DEFAULT.withWorkers(2), clock, metrics).start();
  final List<PipelineTransition> transitions = new CopyOnWriteArrayList<>();
  final PipelineSet set;

  // Written by the test, read by nodes: tags of `Pass` nodes and paths of `Store` nodes.
  final Set<String> broken = ConcurrentHashMap.newKeySet();
  final Set<String> crashing = ConcurrentHashMap.newKeySet();
  final Set<String> stuck = ConcurrentHashMap.newKeySet();
  private final Map<String, NodeContext> stores = new ConcurrentHashMap<>(); // by path
  final Map<String, Disk> disks = new ConcurrentHashMap<>();

  World() {
    this(Duration.ofSeconds(10));
  }

  World(Duration longestDrain) {
    var services = new PipelineServices(metrics, signals, Path.of("target/tmp"), true);
    set = new PipelineSet(engine, services, () -> longestDrain);
    var _ =
        signals.subscribe(
            "test", PipelineTransition.class, transitions::add, Duration.ofHours(1), () -> {});
  }

  record CountConfig(@Default("0") long last) {}

  record PassConfig(@Default("") String tag) {}

  record StoreConfig(String path) {}

  /// What outlives the runs: the numbers stored, in a row from 1, and how often one was out of the
  /// row.
  static final class Disk {
    // Written by the sinks' threads, one after the other unless something is wrong.
    volatile long last;
    volatile long wrong;
    volatile int writers;
    volatile int mostWriters;

    synchronized void open() {
      mostWriters = Math.max(mostWriters, ++writers);
    }

    synchronized void close() {
      writers--;
    }

    synchronized void commit(List<Long> numbers) {
      for (long number : numbers) {
        if (number != last + 1) {
          wrong++;
        }
        last = number;
      }
    }
  }

  Disk disk(String path) {
    return disks.computeIfAbsent(path, _ -> new Disk());
  }

  /// A pipeline that counts into a store of its own.
  NamedGraph graph(String name) {
    return graph(name, "", name, 0);
  }

  NamedGraph graph(String name, String tag) {
    return graph(name, tag, name, 0);
  }

  NamedGraph graph(String name, String tag, String path, long last) {
    return graph(name, tag, path, last, 10_000, true);
  }

  NamedGraph graph(
      String name, String tag, String path, long last, long drainMillis, boolean autostart) {
    return new NamedGraph(
        name,
        read(
            """
            {"pipeline_config":{"drain_timeout_ms":%d,"fusion":"off"},
             "nodes":[{"id":"count","type":"Count","config":{"last":%d}},
              {"id":"pass","type":"Pass","config":{"tag":"%s"}},
              {"id":"store","type":"Store","config":{"path":"%s"}}],
             "connections":[{"from":"count","to":"pass"},{"from":"pass","to":"store"}]}
            """
                .formatted(drainMillis, last, tag, path)),
        autostart);
  }

  /// The same with a second store.
  NamedGraph graph(String name, String tag, String path, String second) {
    return new NamedGraph(
        name,
        read(
            """
            {"nodes":[{"id":"count","type":"Count"},
              {"id":"pass","type":"Pass","config":{"tag":"%s"}},
              {"id":"store","type":"Store","config":{"path":"%s"}},
              {"id":"second","type":"Store","config":{"path":"%s"}}],
             "connections":[{"from":"count","to":"pass"},{"from":"pass","to":"store"},
              {"from":"pass","to":"second"}]}
            """
                .formatted(tag, path, second)),
        true);
  }

  Graph read(String document) {
    var types =
        List.<NodeType<?>>of(
            NodeType.source("Count", "", CountConfig.class, config -> new Count(config.last())),
            NodeType.transform("Pass", "", PassConfig.class, config -> new Pass(config.tag())),
            NodeType.sink("Store", "", StoreConfig.class, config -> new Store(config.path())));
    var problems = new Problems();
    return Documents.parse("graph.yaml", document.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Graph.read(tree, new NodeCatalogue(types), problems))
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }

  void apply(NamedGraph... graphs) throws ProblemException {
    set.prepare(List.of(graphs)).commit();
  }

  String state(String name) {
    return status(name).state().name();
  }

  PipelineStatus status(String name) {
    return set.statuses().stream()
        .filter(status -> status.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no pipeline " + name));
  }

  void awaitState(String name, String state) {
    until(name + " is " + state, () -> state(name).equals(state));
  }

  /// Waits until frames arrive in the store.
  void awaitFlow(String path) {
    long before = disk(path).last;
    until(path + " grows beyond " + before, () -> disk(path).last > before);
  }

  /// Lets stores take frames again.
  void release() {
    stuck.clear();
    stores.values().forEach(NodeContext::wake);
  }

  void crash(String tag) {
    crashing.add(tag);
  }

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited " + PATIENCE + " in vain until " + what);
      }
      LockSupport.parkNanos(500_000);
    }
  }

  @Override
  public void close() {
    release();
    set.close();
    engine.close();
    signals.close();
    clock.close();
  }

  /// Counts from where its sinks are; to `last`, or for ever when that is 0.
  private static final class Count implements Source {
    private final long last;
    private long next;
    private boolean draining;
    private @Nullable NodeContext context;

    Count(long last) {
      this.last = last == 0 ? Long.MAX_VALUE : last;
    }

    @Override
    public void open(NodeContext opened) {
      context = opened;
      next = opened.resumeAfter("numbers").orElse(0) + 1;
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      for (int i = 0; i < limit && next <= last && !draining; i++) {
        outlet.emit(Frame.trigger(0, next++));
      }
      if (next > last || draining) {
        return Progress.DONE;
      }
      // A core for each counter would starve the others of this machine.
      return Progress.at(java.util.Objects.requireNonNull(context).clock().nanoTime() + 1_000_000);
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact("numbers", next - 1);
    }

    @Override
    public void drain() {
      draining = true;
    }
  }

  private final class Pass implements Processor {
    private final String tag;

    Pass(String tag) {
      this.tag = tag;
    }

    @Override
    public void open(NodeContext context) throws ProblemException {
      if (broken.contains(tag)) {
        throw new ProblemException(
            Problem.error("E_BROKEN", Location.of("test"), "broken on purpose", "Mend it."));
      }
      if (tag.startsWith("/")) {
        var _ = context.resolve(tag);
      }
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      if (crashing.contains(tag)) {
        throw new IllegalStateException("crashed on purpose");
      }
      outlet.emit(frame);
    }
  }

  private final class Store implements DurableSink {
    private final Disk disk;
    private final String path;
    private final List<Long> batch = new ArrayList<>();

    Store(String path) {
      this.path = path;
      this.disk = disk(path);
    }

    @Override
    public void open(NodeContext context) {
      stores.put(path, context);
      disk.open();
    }

    @Override
    public OptionalLong committed(String stream) {
      return OptionalLong.of(disk.last);
    }

    @Override
    public boolean ready() {
      return !stuck.contains(path);
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      batch.add(frame.sequence());
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      disk.commit(batch);
      batch.clear();
    }

    @Override
    public void close() {
      disk.close();
    }
  }
}
