package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.ReadableSink;
import dev.millrace.engine.fixture.EngineFixture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random graphs of generators, gains, filters and forks, some of which fail and are supervised,
/// come to the same frames whether their nodes are fused, queued, or run one after the other.
@Timeout(60)
class SameOutcomeTest {
  private static final int GRAPHS = 40;
  private static final int FRAMES = 200;

  @Test
  void everySinkGetsTheSameFusedUnfusedAndInOneShot() throws Exception {
    for (long seed = 1; seed <= GRAPHS; seed++) {
      var fused = pipeline(seed, "auto");
      var about = "seed " + seed + ": " + new Plan(seed).json("auto");
      assertThat(fused.values()).as(about).anyMatch(frames -> !frames.isEmpty());
      assertThat(pipeline(seed, "off")).as(about).isEqualTo(fused);
      assertThat(oneShot(seed)).as(about).isEqualTo(fused);
    }
  }

  private static Map<String, List<String>> pipeline(long seed, String fusion) throws Exception {
    var plan = new Plan(seed);
    try (var engine = new EngineFixture()) {
      plan.register(engine);
      var pipeline = engine.pipeline(engine.read(plan.json(fusion)));
      pipeline.start();
      for (var frame : triggers()) {
        pipeline.trigger(frame);
      }
      assertThat(pipeline.drain()).as("seed " + seed).isInstanceOf(DrainReport.Clean.class);
      var frames = new TreeMap<String, List<String>>();
      plan.sinks().forEach(id -> frames.put(id, written(pipeline.collected(id).orElseThrow())));
      assertThat(engine.runtime.samples().inUse()).as("seed " + seed).isZero();
      return frames;
    }
  }

  private static Map<String, List<String>> oneShot(long seed) throws Exception {
    var plan = new Plan(seed);
    try (var engine = new EngineFixture()) {
      plan.register(engine);
      var samples = new SamplePool(1_000, true);
      var graph = engine.read(plan.json("auto"));
      var once =
          new OneShot(
              "once", graph, engine.clock, engine.services(), OneShot.Limits.DEFAULT, samples);
      var result = once.execute(triggers(), java.util.Set.copyOf(plan.sinks()));
      assertThat(result.failure()).as("seed " + seed).isNull();
      assertThat(samples.inUse()).as("seed " + seed).isZero();
      var frames = new TreeMap<String, List<String>>();
      result.frames().forEach((id, kept) -> frames.put(id, written(kept)));
      return frames;
    }
  }

  private static List<Frame> triggers() {
    return LongStream.range(0, FRAMES).mapToObj(i -> Frame.trigger(i * 10, i)).toList();
  }

  /// In one order: where ways join, each run has its own.
  private static List<String> written(List<Frame> frames) {
    return frames.stream()
        .map(
            frame ->
                frame.sequence()
                    + " "
                    + frame.timestampMicros()
                    + " "
                    + frame.metadata().entries()
                    + (frame.body() instanceof Samples samples
                        ? samples.channels().entrySet().stream()
                            .map(each -> each.getKey() + java.util.Arrays.toString(each.getValue()))
                            .collect(Collectors.joining())
                        : ""))
        .sorted()
        .toList();
  }

  /// One random graph.
  private static final class Plan {
    private final List<String> nodes = new ArrayList<>();
    private final List<String> edges = new ArrayList<>();
    private final List<String> kinds = new ArrayList<>();
    private final Map<Integer, Boolean> ordered = new HashMap<>();
    private final int[] failing; // one frame in so many fails, 0 for none
    private final Random random;

    Plan(long seed) {
      random = new Random(seed);
      int generators = 1 + random.nextInt(2);
      int transforms = 2 + random.nextInt(6);
      failing = new int[generators + transforms];
      for (int i = 0; i < generators + transforms; i++) {
        boolean generator = i < generators;
        int from = generator ? 0 : random.nextInt(i);
        boolean inOrder = generator || ordered.getOrDefault(from, false);
        boolean joins = !generator && i > 1 && random.nextInt(3) == 0;
        ordered.put(i, inOrder && !joins);
        var kind =
            generator ? "sine" : inOrder && !joins && random.nextBoolean() ? "filter" : "gain";
        kinds.add(random.nextInt(4) == 0 && !generator ? "fork" : kind);
        if (!generator) {
          edge(from, "n" + i);
          if (joins) {
            edge(random.nextInt(i), "n" + i);
          }
        }
        var keys =
            supervision(i) + (kinds.get(i).equals("gain") ? RandomGraph.workers(random, true) : "");
        nodes.add("{\"id\":\"n" + i + "\",\"type\":\"n" + i + "\"" + keys + "}");
      }
      for (int i = 0; i < nodes.size(); i++) {
        edge(i, random.nextBoolean() ? "sink" : "other");
      }
      edge(0, "sink");
      edge(0, "other");
    }

    private void edge(int from, String to) {
      var branch =
          kinds.get(from).equals("fork") && random.nextInt(3) > 0
              ? ",\"branch\":\"" + (random.nextBoolean() ? "even" : "odd") + "\""
              : "";
      edges.add("{\"from\":\"n" + from + "\",\"to\":\"" + to + "\"" + branch + "}");
    }

    /// Those that fail always have a policy that goes on.
    private String supervision(int i) {
      if (random.nextInt(2) == 0) {
        return "";
      }
      failing[i] = 3 + random.nextInt(20);
      var policy =
          switch (random.nextInt(3)) {
            case 0 -> "\"SkipFrame\"";
            case 1 -> "{\"SkipFrame\":{\"forward_input\":true}}";
            default -> "{\"UseDefault\":{\"payload\":{\"x\":[1,2,3]}}}";
          };
      var restart =
          switch (random.nextInt(3)) {
            case 0 -> "\"Never\"";
            case 1 -> "{\"Immediate\":{\"max_attempts\":2}}";
            default -> "{\"Exponential\":{\"base_ms\":1,\"max_ms\":2,\"max_attempts\":2}}";
          };
      var letters = random.nextInt(2) == 0 ? ",\"dead_letter\":\"lost\"" : "";
      return ",\"error_policy\":" + policy + ",\"restart\":" + restart + letters;
    }

    List<String> sinks() {
      return List.of("sink", "other", "lost");
    }

    String json(String fusion) {
      var all = new ArrayList<>(nodes);
      sinks().forEach(id -> all.add("{\"id\":\"" + id + "\",\"type\":\"" + id + "\"}"));
      return "{\"pipeline_config\":{\"fusion\":\""
          + fusion
          + "\"},\"nodes\":"
          + all
          + ",\"connections\":"
          + edges
          + "}";
    }

    void register(EngineFixture engine) {
      for (int i = 0; i < kinds.size(); i++) {
        var kind = kinds.get(i);
        int every = failing[i];
        boolean once = ordered.getOrDefault(i, false);
        var attempts = new ConcurrentHashMap<Long, Integer>();
        engine.stateless("n" + i, () -> new Work(kind, every, once, attempts));
      }
      sinks().forEach(id -> engine.transforms(id, Kept::new));
    }
  }

  /// One transform; fails some frames once and some for good, whatever the instance.
  private static final class Work implements Processor {
    private final String kind;
    private final int failsEvery;
    private final boolean failsOnce; // only where a sequence comes by once
    private final Map<Long, Integer> attempts;
    private @Nullable SampleLender lender;
    private double state;

    Work(String kind, int failsEvery, boolean failsOnce, Map<Long, Integer> attempts) {
      this.failsOnce = failsOnce;
      this.kind = kind;
      this.failsEvery = failsEvery;
      this.attempts = attempts;
    }

    @Override
    public void open(NodeContext context) {
      lender = context.samples();
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      var in = frame.body() instanceof Samples samples ? samples : Samples.of("x", new double[3]);
      var old = Objects.requireNonNull(in.channel("x"));
      if (kind.equals("fork")) {
        outlet.emit(frame, frame.sequence() % 2 == 0 ? "even" : "odd");
      } else {
        var fresh = Objects.requireNonNull(lender).take(3);
        for (int i = 0; i < 3; i++) {
          state =
              switch (kind) {
                case "sine" -> state + 0.1;
                case "filter" -> 0.5 * state + old[i];
                default -> 2 * old[i];
              };
          fresh.array()[i] = kind.equals("sine") ? Math.sin(state) : state;
        }
        outlet.emit(frame.withBody(in.with("x", fresh)));
      }
      if (failsEvery > 0 && frame.sequence() % failsEvery == 1) {
        boolean forGood = frame.sequence() % 3 == 0;
        if (forGood || (failsOnce && attempts.merge(frame.sequence(), 1, Integer::sum) == 1)) {
          throw new IllegalStateException("as told");
        }
      }
    }
  }

  private static final class Kept implements ReadableSink {
    private final List<Frame> frames = new CopyOnWriteArrayList<>();

    @Override
    public void process(Frame frame, Outlet outlet) {
      frames.add(frame.detach());
    }

    @Override
    public List<Frame> frames() {
      return List.copyOf(frames);
    }
  }
}
