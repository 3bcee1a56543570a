package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Stamped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A random acyclic graph some of whose sources have event time, with every kind of edge, branches
/// and dead letters, some nodes with several instances, and what a naive model says of its
/// watermarks. Frames of a source come out of order by less than its lag, so none is late, and no
/// node may ever see one that is older than its watermark. Their sequence is the source's number.
final class TimedGraph {
  static final int SPREAD_MICROS = 20_000;

  private final Random random;
  private final int sources;
  private final int transforms;
  private final int size;
  private final int frames;
  private final List<int[]> edges = new ArrayList<>();
  private final int[] letters; // by node: who takes its dead letters, 0 for nobody
  private final int[] lagMs; // by source: -1 without event time
  private final int[] instances; // by node
  private final List<List<Frame>> made = new ArrayList<>();
  final List<Checked> nodes = new CopyOnWriteArrayList<>();

  TimedGraph(long seed) {
    random = new Random(seed);
    sources = 1 + random.nextInt(3);
    transforms = random.nextInt(7);
    size = sources + transforms + 1 + random.nextInt(3);
    frames = random.nextInt(1_500);
    lagMs = new int[sources];
    for (int source = 0; source < sources; source++) {
      lagMs[source] = random.nextInt(4) == 0 ? -1 : SPREAD_MICROS / 1_000 + random.nextInt(10);
      var own = new ArrayList<Frame>();
      for (long i = 0; i < (random.nextInt(5) == 0 ? 0 : frames); i++) {
        own.add(Frame.trigger(i * 1_000 * (source + 1) + random.nextInt(SPREAD_MICROS), source));
      }
      made.add(own);
    }
    for (int to = sources; to < size; to++) {
      int before = Math.min(to, sources + transforms);
      edges.add(new int[] {random.nextInt(before), to});
      for (int from = 0; from < before; from++) {
        if (random.nextInt(4) == 0) {
          edges.add(new int[] {from, to});
        }
      }
    }
    letters = new int[size];
    for (int node = sources; node < size - 1; node++) {
      letters[node] = random.nextInt(4) == 0 ? node + 1 + random.nextInt(size - node - 1) : 0;
    }
    instances = new int[size];
    for (int node = sources; node < size; node++) {
      instances[node] = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
    }
  }

  void register(EngineFixture engine) {
    for (int i = 0; i < size; i++) {
      var execution =
          switch (random.nextInt(8)) {
            case 0 -> Execution.WAITING;
            case 1 -> Execution.NATIVE;
            default -> Execution.INLINE;
          };
      int kind = random.nextInt(6);
      int at = i;
      if (i < sources) {
        engine.sources("n" + i, () -> new Stamped(made.get(at), true, execution));
      } else {
        engine.stateless(
            "n" + i,
            () -> {
              var node = new Checked(at, kind, letters[at] > 0, execution, lagMs);
              nodes.add(node);
              return node;
            });
      }
    }
  }

  String json(String fusion) {
    var list = new ArrayList<String>();
    for (int i = 0; i < size; i++) {
      var time =
          i < sources && lagMs[i] >= 0 ? ",\"event_time\":{\"lag_ms\":" + lagMs[i] + "}" : "";
      var fails =
          letters[i] > 0
              ? ",\"error_policy\":\"SkipFrame\",\"dead_letter\":\"n" + letters[i] + "\""
              : "";
      var workers =
          instances[i] > 1
              ? ",\"workers\":{\"min\":%d,\"max\":%d,\"ordered\":%b}"
                  .formatted(instances[i], instances[i], random.nextBoolean())
              : "";
      list.add("{\"id\":\"n" + i + "\",\"type\":\"n" + i + "\"" + time + fails + workers + "}");
    }
    var connections = new ArrayList<String>();
    for (var edge : edges) {
      var more =
          switch (random.nextInt(8)) {
            case 0 -> ",\"capacity\":" + (1 + random.nextInt(90));
            case 1 -> ",\"strategy\":\"drop_oldest\",\"capacity\":" + (1 + random.nextInt(9));
            case 2 -> ",\"strategy\":\"drop_newest\",\"capacity\":" + (1 + random.nextInt(9));
            case 3 -> edge[0] < sources ? "" : ",\"branch\":\"" + random.nextBoolean() + "\"";
            default -> "";
          };
      connections.add("{\"from\":\"n" + edge[0] + "\",\"to\":\"n" + edge[1] + "\"" + more + "}");
    }
    return "{\"pipeline_config\":{\"fusion\":\""
        + fusion
        + "\",\"channel_capacity\":"
        + (1 + random.nextInt(150))
        + "},\"nodes\":"
        + list
        + ",\"connections\":"
        + connections
        + "}";
  }

  /// At the end: over all sources with event time that lead to the node, the newest frame less the
  /// lag, whatever became of the frames on their way.
  long atTheEnd(int node) {
    long most = NodeContext.NO_WATERMARK;
    for (int source = 0; source < sources; source++) {
      if (lagMs[source] >= 0 && leads(source, node)) {
        for (var frame : made.get(source)) {
          most = Math.max(most, frame.timestampMicros() - lagMs[source] * 1_000L);
        }
      }
    }
    return most;
  }

  private boolean leads(int from, int to) {
    return from == to
        || edges.stream().anyMatch(edge -> edge[0] == from && leads(edge[1], to))
        || (letters[from] > 0 && leads(letters[from], to));
  }

  int size() {
    return size;
  }

  /// Handles frames in one of several ways, and complains of what must not be.
  static final class Checked implements Processor {
    final int index;
    private final int kind;
    private final boolean fails;
    private final Execution execution;
    private final int[] lagMs;
    private final List<Frame> held = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private @Nullable NodeContext context;
    private long reached = NodeContext.NO_WATERMARK;
    private int calls;

    Checked(int index, int kind, boolean fails, Execution execution, int[] lagMs) {
      this.index = index;
      this.kind = kind;
      this.fails = fails;
      this.execution = execution;
      this.lagMs = Arrays.copyOf(lagMs, lagMs.length);
    }

    List<String> complaints() {
      return complaints;
    }

    long reached() {
      return reached;
    }

    @Override
    public Execution execution() {
      return execution;
    }

    @Override
    public void open(NodeContext opened) {
      context = opened;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      look();
      if (lagMs[(int) frame.sequence()] >= 0 && frame.timestampMicros() < reached) {
        complaints.add(frame + " came after " + reached);
      }
      calls++;
      if (fails && calls % 5 == 0) {
        throw new IllegalStateException("as told");
      }
      switch (kind) {
        case 0 -> {
          if (calls % 7 == 0) {
            outlet.emit(frame);
          }
        }
        case 1 -> {
          outlet.emit(frame);
          outlet.emit(frame, String.valueOf(calls % 2 == 0));
        }
        case 2 -> held.add(frame);
        case 3 -> outlet.emit(frame, String.valueOf(calls % 3 == 0));
        case 4 -> {}
        default -> outlet.emit(frame);
      }
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      look();
      held.forEach(outlet::emit);
      held.clear();
    }

    @Override
    public void idle(Outlet outlet) {
      look();
    }

    @Override
    public void finish(Outlet outlet) {
      look();
    }

    private void look() {
      long now = Objects.requireNonNull(context).watermarkMicros();
      if (now < reached) {
        complaints.add("it fell from " + reached + " to " + now);
      }
      reached = now;
    }
  }
}
