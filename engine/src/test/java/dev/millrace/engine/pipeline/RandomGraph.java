package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A random acyclic graph of sources, transforms and sinks, and the naive interpreter of it: frame
/// by frame, depth first, on one thread.
final class RandomGraph {
  private static final int EDGE_CHANCE = 3; // one in so many

  final int sources;
  final int transforms;
  final int sinks;
  final long frames;
  final List<Numbers> numbers = new ArrayList<>();
  final List<int[]> edges = new ArrayList<>();
  private final int[] kind;
  private final Execution[] execution;
  private final String[] workers; // keys
  private final Random random;

  RandomGraph(long seed) {
    random = new Random(seed);
    sources = 1 + random.nextInt(3);
    transforms = random.nextInt(8);
    sinks = 1 + random.nextInt(3);
    frames = random.nextInt(2_000);
    kind = random.ints(size(), 0, 5).toArray();
    execution = new Execution[size()];
    Arrays.setAll(
        execution,
        i ->
            switch (random.nextInt(8)) {
              case 0 -> Execution.WAITING;
              case 1 -> Execution.NATIVE;
              default -> Execution.INLINE;
            });
    workers = new String[size()];
    Arrays.setAll(workers, i -> isTransform(i) ? workers(random, true) : "");
    for (int to = sources; to < size(); to++) {
      int before = Math.min(to, sources + transforms);
      boolean any = false;
      for (int from = 0; from < before; from++) {
        if (random.nextInt(EDGE_CHANCE) == 0) {
          edges.add(new int[] {from, to});
          any = true;
        }
      }
      if (!any) {
        edges.add(new int[] {random.nextInt(before), to});
      }
    }
  }

  int size() {
    return sources + transforms + sinks;
  }

  private boolean isTransform(int node) {
    return node >= sources && node < sources + transforms;
  }

  /// How many instances a node has, as keys of its entry.
  static String workers(Random random, boolean alwaysOrdered) {
    int min = 1 + random.nextInt(3);
    int max = min + random.nextInt(3);
    return switch (random.nextInt(alwaysOrdered ? 4 : 5)) {
      case 0 -> ",\"parallelism\":" + max;
      case 1 -> ",\"workers\":{\"min\":" + min + ",\"max\":" + max + "}";
      case 4 -> ",\"workers\":{\"min\":" + min + ",\"max\":" + max + ",\"ordered\":false}";
      default -> "";
    };
  }

  /// Registers fresh nodes for one run and returns the sinks, in order. One transform throws at the
  /// frame with the sequence `failingAt`, if there are any; 0 for none.
  List<CheckedSink> register(EngineFixture engine, long failingAt) {
    int failing = sources + (transforms == 0 ? 0 : random.nextInt(transforms));
    var made = new ArrayList<CheckedSink>();
    for (int i = 0; i < size(); i++) {
      if (i < sources) {
        numbers.add(engine.source("n" + i, new Numbers(i, frames, execution[i])));
      } else if (i < sources + transforms) {
        int place = i;
        long at = i == failing ? failingAt : 0;
        engine.stateless("n" + i, () -> new Transform(kind[place], execution[place], at));
      } else {
        made.add(engine.sink("n" + i, new CheckedSink(execution[i], arrivals(i))));
      }
    }
    return made;
  }

  String json(String fusion) {
    var nodes = new ArrayList<String>();
    for (int i = 0; i < size(); i++) {
      nodes.add("{\"id\":\"n" + i + "\",\"type\":\"n" + i + "\"" + workers[i] + "}");
    }
    var connections = new ArrayList<String>();
    for (var edge : edges) {
      var capacity = random.nextInt(4) == 0 ? ",\"capacity\":" + (1 + random.nextInt(90)) : "";
      connections.add(
          "{\"from\":\"n" + edge[0] + "\",\"to\":\"n" + edge[1] + "\"" + capacity + "}");
    }
    return "{\"pipeline_config\":{\"fusion\":\""
        + fusion
        + "\",\"channel_capacity\":"
        + (1 + random.nextInt(150))
        + "},\"nodes\":"
        + nodes
        + ",\"connections\":"
        + connections
        + "}";
  }

  /// What the naive interpreter brings to the node: how often each frame of each source arrives.
  Map<Long, NavigableMap<Long, Integer>> arrivals(int node) {
    var arrivals = new TreeMap<Long, NavigableMap<Long, Integer>>();
    for (int source = 0; source < sources; source++) {
      for (long sequence = 1; sequence <= frames; sequence++) {
        int count = count(source, node, Frame.trigger(source, sequence));
        if (count > 0) {
          arrivals.computeIfAbsent((long) source, any -> new TreeMap<>()).put(sequence, count);
        }
      }
    }
    return arrivals;
  }

  private int count(int source, int node, Frame frame) {
    int count = 0;
    var todo = new ArrayDeque<Integer>(List.of(source));
    while (!todo.isEmpty()) {
      int at = todo.pop();
      if (at == node) {
        count++;
      }
      int copies = at < sources ? 1 : at < sources + transforms ? copies(kind[at], frame) : 0;
      for (int copy = 0; copy < copies; copy++) {
        edges.stream().filter(edge -> edge[0] == at).forEach(edge -> todo.push(edge[1]));
      }
    }
    return count;
  }

  private static int copies(int kind, Frame frame) {
    return switch (kind) {
      case 0 -> frame.sequence() % 7 == 0 ? 1 : 0;
      case 1 -> frame.sequence() % 5 == 0 ? 2 : 1;
      case 2 -> frame.sequence() % 500 == 1 ? 3 : 0;
      default -> 1;
    };
  }

  /// Passes frames on so many times; kind 4 holds them until the end of the batch.
  private static final class Transform implements Processor {
    private final int kind;
    private final Execution execution;
    private final long failingAt;
    private final List<Frame> held = new ArrayList<>();

    Transform(int kind, Execution execution, long failingAt) {
      this.failingAt = failingAt;
      this.kind = kind;
      this.execution = execution;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      if (frame.sequence() == failingAt) {
        throw new IllegalStateException("as told");
      }
      for (int i = 0; i < copies(kind, frame); i++) {
        if (kind == 4) {
          held.add(frame);
        } else {
          outlet.emit(frame);
        }
      }
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      held.forEach(outlet::emit);
      held.clear();
    }
  }

  /// Compares what arrives with what should, and every position it is told with what has arrived.
  static final class CheckedSink implements DurableSink {
    private final Execution execution;
    private final Map<Long, NavigableMap<Long, Integer>> missing;
    private final List<String> complaints = new ArrayList<>();
    private final TreeMap<String, Long> told = new TreeMap<>();
    private long count;

    CheckedSink(Execution execution, Map<Long, NavigableMap<Long, Integer>> expected) {
      this.execution = execution;
      this.missing = expected;
    }

    /// What went wrong; read after the end of the pipeline.
    List<String> complaints() {
      return complaints;
    }

    Map<Long, NavigableMap<Long, Integer>> missing() {
      return missing;
    }

    Map<String, Long> told() {
      return told;
    }

    long count() {
      return count;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      count++;
      var left = missing.get(frame.timestampMicros());
      Integer times = left == null ? null : left.get(frame.sequence());
      if (left == null || times == null) {
        complaints.add("nobody expected " + frame);
      } else if (times == 1) {
        left.remove(frame.sequence());
      } else {
        left.put(frame.sequence(), times - 1);
      }
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      if (position == null) {
        return;
      }
      long source = Long.parseLong(position.stream().substring("numbers-".length()));
      var left = missing.get(source);
      if (left != null && !left.isEmpty() && left.firstKey() <= position.ordinal()) {
        complaints.add("told " + position + " while frame " + left.firstKey() + " is missing");
      }
      var before = told.put(position.stream(), position.ordinal());
      if (before != null && before > position.ordinal()) {
        complaints.add("the position went back from " + before + " to " + position);
      }
    }

    @Override
    public OptionalLong committed(String stream) {
      return OptionalLong.empty();
    }
  }
}
