package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClassifyNodeTest {
  private static final String MODEL =
      """
      {"class_probabilities": {"sport": 0.75, "a \\"dish\\"": 0.25},
       "word_probabilities": {
         "sport": {"ball": 0.5, "team": 0.25},
         "a \\"dish\\"": {"soup": 0.5, "team": 0.25}}}
      """;
  private static final ClassifyNode.Config CONFIG = new ClassifyNode.Config("m.json", "text");

  @Test
  void aLabelledObjectKeepsEveryByteItHad() throws Exception {
    var before =
        "{ \"text\" : \"soup S\\u006fup\", \"n\":1e0,\"x\":{\"text\":5,\"y\":[\"}\"]} }\n ";
    try (var context = context(MODEL);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      run.batch(Frame.json(123, 45, before));
      var frame = run.outputs().getFirst();
      var after = frame.body().toString();
      // ln(0.75) + 2 ln(0.25) against ln(0.25) + 2 ln(0.5)
      assertThat(after)
          .isEqualTo(
              "{ \"text\" : \"soup S\\u006fup\", \"n\":1e0,\"x\":{\"text\":5,\"y\":[\"}\"]}"
                  + " ,\"label\":\"a \\\"dish\\\"\",\"probability\":0.571429,\"margin\":0.287682}\n"
                  + " ");
      assertThat(frame.timestampMicros()).isEqualTo(123);
      assertThat(frame.sequence()).isEqualTo(45);
      var tree = Json.tree(after.getBytes(StandardCharsets.UTF_8));
      assertThat(tree.get("label").stringValue()).isEqualTo("a \"dish\"");
      assertThat(run.failures()).isEmpty();
      assertThat(context.rejections()).isEmpty();
    }
  }

  @Test
  void framesWithoutTheTextAreRefusedAndTheRestGoesOn() throws Exception {
    var refused =
        List.of("{}", "{\"other\":\"x\"}", "{\"text\":7}", "{\"text\":null}", "[\"text\"]", "7");
    try (var context = context(MODEL);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      var frames = new ArrayList<Frame>();
      refused.forEach(json -> frames.add(Frame.json(1, 1, json)));
      frames.add(new Frame(1, 1, new Body.Text("ball"), dev.millrace.core.frame.Metadata.NONE));
      frames.add(Frame.trigger(1, 1));
      frames.add(Frame.json(1, 1, "{\"text\":\"ball\"}"));
      frames.add(Frame.json(1, 1, "{\"text\":\"ball\""));
      frames.add(Frame.json(1, 1, ""));
      run.batch(frames, null);
      assertThat(run.failures()).isEmpty();
      assertThat(run.outputs()).hasSize(1);
      assertThat(context.rejections()).hasSize(frames.size() - 1);
      assertThat(context.rejections())
          .filteredOn(rejection -> rejection.reason().equals("no_text"))
          .hasSize(refused.size() + 3)
          .allSatisfy(rejection -> assertThat(rejection.sentence()).contains("\"text\""));
      assertThat(context.rejections())
          .filteredOn(rejection -> rejection.reason().equals("broken_json"))
          .hasSize(1);
    }
  }

  @Test
  void ofTwoTextsTheLastCountsAsForOtherReaders() throws Exception {
    var twice = Frame.json(1, 1, "{\"text\":\"soup soup\",\"text\":\"ball ball\"}");
    assertThat(labelsOf(List.of(twice))).containsExactly("sport");
  }

  @Test
  void anEmptyTextIsATextAndATextMayStandUnderAnotherKey() throws Exception {
    assertThat(labelsOf(List.of(Frame.json(1, 1, "{\"text\":\"\"}")))).containsExactly("sport");
    try (var context = context(MODEL);
        var run =
            NodeHarness.open(
                new ClassifyNode(new ClassifyNode.Config("m.json", "post body")), context)) {
      run.batch(Frame.json(1, 1, "{\"post body\":\"soup soup\",\"text\":3}"));
      assertThat(run.outputs().getFirst().body().toString()).contains("dish");
    }
  }

  @Test
  void whatJsonCannotSayIsNull() throws Exception {
    var impossible =
        "{\"class_probabilities\":{\"a\":1,\"b\":0},\"word_probabilities\":"
            + "{\"a\":{\"x\":0,\"y\":0.5},\"b\":{\"x\":0.1}}}";
    try (var context = context(impossible);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      run.batch(Frame.json(1, 1, "{\"text\":\"x\"}"), Frame.json(1, 2, "{\"text\":\"y\"}"));
      assertThat(run.outputs())
          .extracting(frame -> frame.body().toString())
          .containsExactly(
              "{\"text\":\"x\",\"label\":\"a\",\"probability\":null,\"margin\":null}",
              "{\"text\":\"y\",\"label\":\"a\",\"probability\":1,\"margin\":null}");
    }
  }

  @Test
  void labelsAreCountedOncePerBatch() throws Exception {
    try (var context = context(MODEL);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      var ball = Frame.json(1, 1, "{\"text\":\"ball\"}");
      var soup = Frame.json(1, 1, "{\"text\":\"soup soup\"}");
      run.batch(ball, soup, ball).batch().batch(ball);
      assertThat(context.metrics().count(ClassifyMetric.LABELS, "sport")).isEqualTo(3);
      assertThat(context.metrics().count(ClassifyMetric.LABELS, "a \"dish\"")).isEqualTo(1);
      assertThat(new String(context.metrics().exposition(), StandardCharsets.UTF_8))
          .contains("millrace_classify_labels_total{label=\"sport\"} 3");
    }
  }

  @Test
  void manyLabelsShareTheLastPlaceOfTheMetric() {
    var labels = new ArrayList<String>();
    for (int label = 0; label < 1_500; label++) {
      labels.add("label" + label);
    }
    try (var context = new TestNodeContext()) {
      var counts = new LabelCounts(labels, context.metrics());
      for (int label = 0; label < labels.size(); label++) {
        counts.count(label);
      }
      counts.flush();
      counts.flush();
      assertThat(context.metrics().count(ClassifyMetric.LABELS, "label998")).isEqualTo(1);
      assertThat(context.metrics().count(ClassifyMetric.LABELS, LabelCounts.OTHER)).isEqualTo(501);
    }
  }

  @Test
  void aBadModelFailsTheStartWithItsReason() throws Exception {
    try (var context = context("{\"class_probabilities\":{\"a\":1}")) {
      assertThatThrownBy(() -> NodeHarness.open(new ClassifyNode(CONFIG), context))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("m.json")
          .hasMessageContaining("cut short");
    }
    try (var context = new TestNodeContext()) {
      assertThatThrownBy(() -> NodeHarness.open(new ClassifyNode(CONFIG), context))
          .hasMessageContaining("no such model file");
    }
  }

  @Test
  void aModelThatIsOnlyOddStillRuns() throws Exception {
    var odd = MODEL.replace("0.75", "0.5");
    try (var context = context(odd);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      run.batch(Frame.json(1, 1, "{\"text\":\"ball\"}"));
      assertThat(run.outputs()).hasSize(1);
    }
  }

  @Test
  void framesOutsideOfOpenAndCloseAreAProgrammersError() {
    var node = new ClassifyNode(CONFIG);
    assertThatThrownBy(() -> node.process(Frame.json(1, 1, "{}"), frame -> {}))
        .isInstanceOf(IllegalStateException.class);
    node.close();
  }

  @Test
  void theTypeReadsItsConfig() {
    var type = ClassifyNode.TYPE;
    assertThat(type.name()).isEqualTo("Classify");
    assertThat(type.role()).isEqualTo(NodeType.Role.TRANSFORM);
    var problems = new Problems();
    var tree =
        Documents.parse("g", "model: a.json".getBytes(StandardCharsets.UTF_8), problems)
            .orElseThrow();
    var config = type.spec().read(tree, problems).orElseThrow();
    assertThat(config).isEqualTo(new ClassifyNode.Config("a.json", "text"));
    assertThat(type.factory().apply(config).execution()).isEqualTo(Execution.INLINE);
  }

  @Test
  void keepsTheContractOfANode() throws Exception {
    var random = new Random(17);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 100; i++) {
      var words = List.of("ball", "soup", "team", "\u00E9t\u00E9");
      var text = words.get(random.nextInt(4)) + " " + words.get(random.nextInt(4));
      frames.add(Frame.json(i, i, Json.mapper().writeValueAsString(Map.of("text", text, "i", i))));
    }
    var outputs =
        NodeHarness.processor(() -> new ClassifyNode(CONFIG))
            .contexts(() -> context(MODEL))
            .inputs(frames)
            .check();
    assertThat(outputs).hasSize(frames.size());
  }

  private static List<String> labelsOf(List<Frame> frames) throws Exception {
    try (var context = context(MODEL);
        var run = NodeHarness.open(new ClassifyNode(CONFIG), context)) {
      run.batch(frames, null);
      return run.outputs().stream()
          .map(frame -> ((Body.JsonBytes) frame.body()).tree().get("label").stringValue())
          .toList();
    }
  }

  private static TestNodeContext context(String model) {
    var context = new TestNodeContext();
    try {
      Files.writeString(context.dataDirectory().resolve("m.json"), model);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return context;
  }
}
