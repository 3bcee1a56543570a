package dev.millrace.engine.graph.test;

import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Reads the tests of a graph and runs them.
///
/// They stand under `tests` in the graph's document, or in a document of their own that is a list,
/// or a mapping with `tests`:
///
/// ```yaml
/// tests:
///   - name: a tone is made louder
///     triggers: [{sequence_id: 0}]        # frames, or how many empty ones; one without it
///     into: tone                          # every entry without it
///     targets:
///       gain:
///         count: 1
///         tolerance: 0.0001
///         frames: [{payload: {left: [0.5, 1.0]}}]
///         checks: [{frame: 0, channel: left, rms: 1.7748, metadata: {sample_rate: "48000"}}]
/// ```
///
/// Of an expected frame only the parts that it names are compared.
public final class GraphTests {
  private static final int MAX_TRIGGERS = 100_000;

  private final Graph graph;
  private final Problems problems;

  record CaseKeys(
      @About("What the case is about.") String name,
      @About("Frames that go in, or how many empty ones.") @Nullable Tree triggers,
      @About("The node that they enter; every entry without it.") @Nullable String into,
      @About("What is expected, by node.") Map<String, TargetKeys> targets) {}

  record TargetKeys(
      @About("How many frames the node emits.") @Range(min = 0) @Nullable Integer count,
      @About("The frames it emits.") @Nullable Tree frames,
      @About("How far numbers may be off.") @Default("1e-9") @Range(min = 0) double tolerance,
      @About("What the frames are like.") List<Check> checks) {
    TargetKeys {
      if (count == null && frames == null && checks.isEmpty()) {
        throw new IllegalArgumentException(
            "nothing is expected of this node; give it count, frames or checks");
      }
    }
  }

  private GraphTests(Graph graph, Problems problems) {
    this.graph = graph;
    this.problems = problems;
  }

  /// The cases of `document`, none when it has no `tests`. What is wrong with them goes to
  /// `problems`; cases without an error are in the answer.
  public static List<GraphCase> read(Tree document, Graph graph, Problems problems) {
    var tests = document instanceof Tree.Mapping mapping ? mapping.get("tests") : document;
    if (tests == null) {
      return List.of();
    }
    if (!(tests instanceof Tree.Sequence list)) {
      problems.error(
          "E_BAD_CONFIG",
          tests.location(),
          "tests is a list of cases, not " + tests.describe(),
          "Write tests: [{name: …, targets: {…}}].");
      return List.of();
    }
    var reader = new GraphTests(graph, problems);
    return list.items().stream().map(reader::read).flatMap(Optional::stream).toList();
  }

  /// Runs each case, one after the other.
  public static List<CaseResult> run(Graph graph, List<GraphCase> cases, GraphRunner runner)
      throws InterruptedException {
    var results = new ArrayList<CaseResult>();
    for (var one : cases) {
      results.add(new CaseResult(one, failures(graph, one, runner)));
    }
    return results;
  }

  private static List<String> failures(Graph graph, GraphCase one, GraphRunner runner)
      throws InterruptedException {
    try {
      var emitted = runner.run(graph, one.triggers(), one.into(), one.targets().keySet());
      var failures = new ArrayList<String>();
      one.targets()
          .forEach(
              (node, expected) ->
                  failures.addAll(
                      Comparison.failures(node, expected, emitted.getOrDefault(node, List.of()))));
      return failures;
    } catch (InterruptedException interrupted) {
      throw interrupted;
    } catch (Exception failure) {
      var why = failure.getMessage();
      return List.of("the run failed: " + (why == null ? failure.toString() : why));
    }
  }

  private Optional<GraphCase> read(Tree tree) {
    int before = problems.errorCount();
    var keys = Spec.of(CaseKeys.class).read(tree, problems).orElse(null);
    if (keys == null || !(tree instanceof Tree.Mapping mapping)) {
      return Optional.empty();
    }
    if (keys.targets().isEmpty()) {
      problems.error(
          "E_BAD_CONFIG",
          mapping.location(),
          "the case " + keys.name() + " expects nothing",
          "Add targets: {NODE: {count: 1}}.");
    }
    if (keys.into() != null) {
      entry(keys.into(), at(mapping, "into"));
    }
    var targets = new LinkedHashMap<String, Expected>();
    keys.targets()
        .forEach(
            (id, target) -> {
              find(id, keyIn(mapping, id));
              targets.put(
                  id,
                  new Expected(
                      target.count(),
                      frames(target.frames()),
                      target.tolerance(),
                      target.checks()));
            });
    var triggers = triggers(keys.triggers());
    return problems.errorCount() > before
        ? Optional.empty()
        : Optional.of(
            new GraphCase(keys.name(), mapping.location(), triggers, keys.into(), targets));
  }

  private List<Frame> triggers(@Nullable Tree given) {
    if (given == null) {
      return List.of(Frame.trigger(0, 0));
    }
    if (given instanceof Tree.Scalar scalar
        && scalar.value() instanceof Long count
        && count >= 0
        && count <= MAX_TRIGGERS) {
      return LongStream.range(0, count).mapToObj(sequence -> Frame.trigger(0, sequence)).toList();
    }
    return each(given, "triggers", this::trigger);
  }

  private @Nullable Frame trigger(Tree.Mapping given) {
    var frame = FrameJson.read(given, problems).orElse(null);
    var most = graph.settings().sampleLimit();
    var objection = most == null || frame == null ? null : most.objection(frame);
    if (objection != null) {
      problems.error(
          "E_BAD_CONFIG",
          given.location(),
          "the frame " + objection,
          "Give it fewer samples, or raise max_frame_samples.");
      return null;
    }
    return frame;
  }

  private @Nullable List<Expected.ExpectedFrame> frames(@Nullable Tree given) {
    return given == null
        ? null
        : each(
            given,
            "frames",
            frame ->
                FrameJson.read(frame, problems)
                    .map(
                        read ->
                            new Expected.ExpectedFrame(
                                read,
                                frame.get("timestamp") != null,
                                frame.get("sequence_id") != null,
                                frame.get("payload") != null
                                    || frame.get("json") != null
                                    || frame.get("text") != null,
                                frame.get("metadata") != null))
                    .orElse(null));
  }

  private <T> List<T> each(Tree given, String key, Function<Tree.Mapping, @Nullable T> read) {
    var frames = new ArrayList<T>();
    if (!(given instanceof Tree.Sequence list)) {
      wrong(given, key);
      return frames;
    }
    for (var item : list.items()) {
      if (item instanceof Tree.Mapping frame) {
        var one = read.apply(frame);
        if (one != null) {
          frames.add(one);
        }
      } else {
        wrong(item, key);
      }
    }
    return frames;
  }

  private void wrong(Tree given, String key) {
    problems.error(
        "E_BAD_CONFIG",
        given.location(),
        key + " wants a list of frames, not " + given.describe(),
        "Write " + key + ": [{sequence_id: 0, payload: {…}}].");
  }

  private void entry(String id, Location at) {
    var node = find(id, at);
    if (node != null && !graph.isEntry(node) && !isTriggered(node)) {
      problems.add(
          Problem.error(
                  "E_BAD_CONFIG",
                  at,
                  "triggers cannot enter " + id + ": an edge leads to it, or it takes none",
                  "Name a node without an edge into it.")
              .about(List.of(id)));
    }
  }

  private static boolean isTriggered(GraphNode node) {
    return node.type().role() == NodeType.Role.SOURCE
        && node.fresh().get() instanceof TriggeredSource;
  }

  private @Nullable GraphNode find(String id, Location at) {
    var node = graph.find(id).orElse(null);
    if (node == null) {
      var ids = graph.nodes().stream().map(GraphNode::id).toList();
      problems.error(
          "E_UNKNOWN_NODE",
          at,
          "the case names " + id + ", and no node has that id",
          Suggestion.closest(id, ids).map(near -> "Did you mean " + near + "?").orElse(null));
    }
    return node;
  }

  private static Location at(Tree.Mapping mapping, String key) {
    var value = mapping.get(key);
    return value == null ? mapping.location() : value.location();
  }

  private static Location keyIn(Tree.Mapping mapping, String target) {
    return mapping.get("targets") instanceof Tree.Mapping targets
        ? targets.keyLocation(target)
        : mapping.location();
  }
}
