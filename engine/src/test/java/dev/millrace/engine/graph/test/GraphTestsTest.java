package dev.millrace.engine.graph.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTestsTest {
  private static final Graph GRAPH =
      Types.graph(
          """
          nodes: [{id: tone, type: Sine}, {id: gain, type: Gain}, {id: keep, type: Keep}]
          edges: [{from: tone, to: gain}, {from: gain, to: keep}]
          """);

  private final Problems problems = new Problems();

  /// What `gain` emits, whatever goes in: one channel of 3, -4 per trigger.
  private static final GraphRunner THREE_FOUR =
      (graph, frames, into, targets) -> {
        var emitted = new HashMap<String, List<Frame>>();
        for (var target : targets) {
          var out = new ArrayList<Frame>();
          for (var frame : frames) {
            out.add(
                frame
                    .withBody(Samples.of("left", new double[] {3, -4}))
                    .withMetadata(Metadata.NONE.with("sample_rate", "48000")));
          }
          emitted.put(target, out);
        }
        return emitted;
      };

  @Test
  void aCaseIsReadWithItsFramesAndExpectations() {
    var cases =
        read(
            """
            - name: louder
              triggers: [{sequence_id: 4, timestamp: 9, payload: {left: [1, "NaN"]}}]
              into: tone
              targets:
                gain: {count: 1, tolerance: 0.5, frames: [{payload: {left: [2, 2]}}]}
                keep: {checks: [{frame: 0, channel: left, rms: 1.5, metadata: {a: b}}]}
            - {name: three, triggers: 3, targets: {gain: {count: 3}}}
            - {name: one, targets: {gain: {count: 1}}}
            """);

    assertThat(problems.all()).isEmpty();
    assertThat(cases).extracting(GraphCase::name).containsExactly("louder", "three", "one");
    var first = cases.getFirst();
    assertThat(first.into()).isEqualTo("tone");
    assertThat(first.location().line()).isEqualTo(1);
    assertThat(first.triggers())
        .containsExactly(
            new Frame(9, 4, Samples.of("left", new double[] {1, Double.NaN}), Metadata.NONE));
    assertThat(first.targets().keySet()).containsExactly("gain", "keep");
    assertThat(cases.get(1).triggers()).extracting(Frame::sequence).containsExactly(0L, 1L, 2L);
    assertThat(cases.get(2).triggers()).containsExactly(Frame.trigger(0, 0));
  }

  @Test
  void casesStandInTheDocumentOrBesideIt() {
    assertThat(cases("nodes: []")).isEmpty();
    assertThat(cases("tests: [{name: a, targets: {gain: {count: 1}}}]")).hasSize(1);
    assertThat(cases("- {name: a, targets: {gain: {count: 1}}}")).hasSize(1);
    assertThat(problems.all()).isEmpty();
    assertThat(cases("tests: 7")).isEmpty();
    assertThat(problems.hasErrors()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "E_UNKNOWN_NODE|names gian|{name: a, targets: {gian: {count: 1}}}",
        "E_UNKNOWN_NODE|names x|{name: a, into: x, targets: {gain: {count: 1}}}",
        "E_BAD_CONFIG|triggers cannot enter gain|{name: a, into: gain, targets: {gain: {count:"
            + " 1}}}",
        "E_BAD_CONFIG|expects nothing|{name: a}",
        "E_BAD_CONFIG|nothing is expected of this node|{name: a, targets: {gain: {}}}",
        "E_BAD_CONFIG|a check has nothing to look at|{name: a, targets: {gain: {checks: [{}]}}}",
        "E_BAD_CONFIG|triggers wants a list of frames|{name: a, triggers: x,"
            + " targets: {gain: {count: 1}}}",
        "E_BAD_CONFIG|frames wants a list of frames|{name: a, targets: {gain: {frames: [1]}}}",
        "E_MISSING_KEY|name is missing|{targets: {gain: {count: 1}}}",
        "E_BAD_CONFIG|a mapping is wanted|7",
      })
  void aBrokenCaseIsRefusedWithItsPlace(String code, String what, String text) {
    assertThat(read("- " + text)).isEmpty();
    assertThat(problems.all())
        .extracting(Problem::code, Problem::what)
        .anySatisfy(
            problem -> assertThat(problem.toList().toString()).contains(code).contains(what));
    assertThat(problems.all()).allMatch(problem -> problem.location().line() == 1);
  }

  @Test
  void aBrokenFrameInACaseIsRefused() {
    assertThat(read("- {name: a, triggers: [{payload: 7}], targets: {gain: {count: 1}}}"))
        .isEmpty();
    assertThat(problems.hasErrors()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "count: 1",
        "frames: [{payload: {left: [3, -4]}}]",
        "frames: [{sequence_id: 0, timestamp: 0, metadata: {sample_rate: '48000'}}]",
        "{tolerance: 0.2, frames: [{payload: {left: [3.1, -4.1]}}]}",
        "checks: [{rms: 3.5355339059327378, mean: -0.5, peak: 4, length: 2, channels: [left]}]",
        "checks: [{tolerance: 0.01, frame: 0, channel: left, rms: 3.54}]",
        "checks: [{metadata: {sample_rate: '48000'}, sequence_id: 0}]",
      })
  void whatIsAsExpectedPasses(String expected) throws InterruptedException {
    assertThat(run(expected, THREE_FOUR)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gain: emitted 1 frames, not 2|count: 2",
        "gain: emitted 1 frames, not 0|frames: []",
        "gain: frame 0: left[1] is -4.0, not 4.0 within 1.0E-9|frames: [{payload: {left: [3, 4]}}]",
        "gain: frame 0: left has 2 samples, not 1|frames: [{payload: {left: [3]}}]",
        "gain: frame 0: channels are [left], not [right]|frames: [{payload: {right: [3]}}]",
        "gain: frame 0: sequence_id is 0, not 7|frames: [{sequence_id: 7}]",
        "gain: frame 0: timestamp is 0, not 18446744073709551615"
            + "|frames: [{timestamp: 18446744073709551615}]",
        "gain: frame 0: timestamp is 0, not 7|frames: [{timestamp: 7}]",
        "gain: frame 0: metadata is {sample_rate=48000}, not {}|frames: [{metadata: {}}]",
        "gain: frame 0: body is|frames: [{text: hello}]",
        "gain: frame 0: left peak is 4.0, not NaN|checks: [{peak: .nan}]",
        "gain: frame 0: left rms is 3.5355|checks: [{rms: 1}]",
        "gain: frame 0: left mean is -0.5, not 1.0|checks: [{mean: 1}]",
        "gain: frame 0: left length is 2, not 1|checks: [{length: 1}]",
        "gain: frame 0: channels are [left], not [a]|checks: [{channels: [a]}]",
        "gain: frame 0: there is no channel a|checks: [{channel: a, length: 2}]",
        "gain: frame 0: metadata b is null, not c|checks: [{metadata: {b: c}}]",
        "gain: frame 0: sequence_id is 0, not 3|checks: [{sequence_id: 3}]",
        "gain: emitted 1 frames, so there is no frame 1|checks: [{frame: 1, length: 2}]",
      })
  void whatIsOtherwiseFailsWithASentence(String sentence, String expected)
      throws InterruptedException {
    assertThat(run(expected, THREE_FOUR)).hasSize(1);
    assertThat(run(expected, THREE_FOUR).getFirst()).startsWith(sentence);
  }

  @Test
  void noFrameAtAllFailsACheckOfEachFrame() throws InterruptedException {
    assertThat(run("checks: [{length: 2}]", (graph, frames, into, targets) -> Map.of()))
        .containsExactly("gain: emitted no frame to look at");
  }

  @Test
  void bodiesThatAreNoSamplesAreCompared() throws InterruptedException {
    GraphRunner json = emitting(Frame.json(0, 0, "{\"a\": 1}"));
    assertThat(run("frames: [{json: {a: 1}}]", json)).isEmpty();
    assertThat(run("frames: [{json: {a: 2}}]", json)).hasSize(1);
    assertThat(run("checks: [{rms: 1}]", json))
        .containsExactly("gain: frame 0: there are no channels");
    assertThat(run("frames: [{text: x}]", emitting(json(new Body.Text("x"))))).isEmpty();
    assertThat(run("frames: [{payload: {}}]", emitting(Frame.trigger(0, 0)))).isEmpty();
  }

  @Test
  void aRunThatFailsFailsTheCaseAndTheNextOneRuns() throws InterruptedException {
    var cases =
        read("- {name: a, targets: {gain: {count: 1}}}\n- {name: b, targets: {gain: {count: 1}}}");
    var results =
        GraphTests.run(
            GRAPH,
            cases,
            (graph, frames, into, targets) -> {
              throw new IllegalStateException("no device");
            });
    assertThat(results).extracting(CaseResult::passed).containsExactly(false, false);
    assertThat(results.getFirst().failures()).containsExactly("the run failed: no device");
    assertThatThrownBy(
            () ->
                GraphTests.run(
                    GRAPH,
                    cases,
                    (graph, frames, into, targets) -> {
                      throw new InterruptedException();
                    }))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void aThousandDifferencesAreToldInTwenty() throws InterruptedException {
    var checks = "{length: 1}, ".repeat(1_000);
    assertThat(run("checks: [" + checks + "]", THREE_FOUR)).hasSize(20);
  }

  private static Frame json(Body body) {
    return Frame.trigger(0, 0).withBody(body);
  }

  private static GraphRunner emitting(Frame frame) {
    return (graph, frames, into, targets) -> Map.of("gain", List.of(frame));
  }

  private List<String> run(String expected, GraphRunner runner) throws InterruptedException {
    var target = expected.startsWith("{") ? expected : "{" + expected + "}";
    var cases = read("- {name: a, targets: {gain: " + target + "}}");
    assertThat(problems.all()).isEmpty();
    var results = GraphTests.run(GRAPH, cases, runner);
    assertThat(results).hasSize(1);
    return results.getFirst().failures();
  }

  private List<GraphCase> read(String yaml) {
    return cases(yaml);
  }

  private List<GraphCase> cases(String yaml) {
    return GraphTests.read(Types.tree(yaml, problems).orElseThrow(), GRAPH, problems);
  }
}
