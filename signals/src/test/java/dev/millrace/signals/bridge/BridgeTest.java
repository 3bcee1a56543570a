package dev.millrace.signals.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Processor;
import dev.millrace.signals.control.Fixture;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BridgeTest {

  @Test
  void samplesBecomeTheFramesJsonFormAndBackAgain() throws Exception {
    var frame =
        Fixture.frame(7, Map.of("b", new double[] {0.1, Double.NaN}, "a", new double[] {-0.0}))
            .withMetadata(Metadata.NONE.with("sample_rate", "48000"));
    var json = one(BridgeTypes.SAMPLES_TO_JSON, "{}", frame);
    assertThat(json.sequence()).isEqualTo(7);
    assertThat(json.body().toString())
        .isEqualTo(
            "{\"timestamp\":7000,\"sequence_id\":7,\"payload\":{\"a\":[-0.0],\"b\":[0.1,\"NaN\"]},"
                + "\"metadata\":{\"sample_rate\":\"48000\"}}");
    assertThat(one(BridgeTypes.SAMPLES_FROM_JSON, "{}", json)).isEqualTo(frame);
  }

  @Test
  void fieldsBecomeChannels() throws Exception {
    var json = Frame.json(3, 4, "{\"p\":1.5,\"deep\":{\"v\":[1,2,3]},\"x\":\"y\"}");
    assertThat(one(BridgeTypes.SAMPLES_FROM_JSON, "{fields: {price: /p, volume: /deep/v}}", json))
        .isEqualTo(
            new Frame(
                3,
                4,
                Samples.of(Map.of("price", new double[] {1.5}, "volume", new double[] {1, 2, 3})),
                Metadata.NONE));
  }

  @Test
  void textGoesIntoJsonAndOut() throws Exception {
    var text = new Frame(1, 2, new Body.Text("say \"hi\""), Metadata.NONE);
    assertThat(one(BridgeTypes.TEXT_TO_JSON, "{}", text).body().toString())
        .isEqualTo("{\"text\":\"say \\\"hi\\\"\"}");
    var deep = one(BridgeTypes.TEXT_TO_JSON, "{pointer: /a~1b/c}", text);
    assertThat(deep.body().toString()).isEqualTo("{\"a/b\":{\"c\":\"say \\\"hi\\\"\"}}");
    assertThat(one(BridgeTypes.JSON_TO_TEXT, "{pointer: /a~1b/c}", deep)).isEqualTo(text);
    var bare = one(BridgeTypes.TEXT_TO_JSON, "{pointer: ''}", text);
    assertThat(bare.body().toString()).isEqualTo("\"say \\\"hi\\\"\"");
    assertThat(one(BridgeTypes.JSON_TO_TEXT, "{pointer: ''}", bare)).isEqualTo(text);
  }

  @Test
  void aValueThatIsNoStringBecomesItsJson() throws Exception {
    assertThat(one(BridgeTypes.JSON_TO_TEXT, "{}", Frame.json(1, 1, "{\"text\":[1,true]}")).body())
        .isEqualTo(new Body.Text("[1,true]"));
  }

  @Test
  void whatCannotBeReadIsRefusedWithItsReason() throws Exception {
    var text = new Frame(1, 1, new Body.Text("x"), Metadata.NONE);
    assertThat(refused(BridgeTypes.SAMPLES_FROM_JSON, "{}", text)).isEqualTo("no_json");
    assertThat(refused(BridgeTypes.SAMPLES_FROM_JSON, "{}", Frame.json(1, 1, "{\"x\":1}")))
        .isEqualTo("no_frame");
    var fields = "{fields: {a: /a}}";
    assertThat(refused(BridgeTypes.SAMPLES_FROM_JSON, fields, Frame.json(1, 1, "{")))
        .isEqualTo("broken_json");
    for (var json : List.of("{}", "{\"a\":\"1\"}", "{\"a\":[1,\"2\"]}", "{\"a\":null}")) {
      assertThat(refused(BridgeTypes.SAMPLES_FROM_JSON, fields, Frame.json(1, 1, json)))
          .isEqualTo("no_number");
    }
    assertThat(refused(BridgeTypes.SAMPLES_TO_JSON, "{}", Frame.json(1, 1, "{")))
        .isEqualTo("broken_json");
    assertThat(refused(BridgeTypes.TEXT_TO_JSON, "{}", Frame.trigger(1, 1))).isEqualTo("no_text");
    var half = new Frame(1, 1, new Body.Text("\uD800"), Metadata.NONE);
    assertThat(refused(BridgeTypes.TEXT_TO_JSON, "{}", half)).isEqualTo("broken_text");
    assertThat(refused(BridgeTypes.JSON_TO_TEXT, "{}", text)).isEqualTo("no_json");
    assertThat(refused(BridgeTypes.JSON_TO_TEXT, "{}", Frame.json(1, 1, "{}")))
        .isEqualTo("no_text");
    assertThat(refused(BridgeTypes.JSON_TO_TEXT, "{}", Frame.json(1, 1, "[")))
        .isEqualTo("broken_json");
  }

  @Test
  void aPointerThatIsNoneIsAnError() {
    assertThat(Fixture.problems(BridgeTypes.TEXT_TO_JSON, "{pointer: text}").toString())
        .contains("begins with a slash");
    assertThat(Fixture.problems(BridgeTypes.JSON_TO_TEXT, "{pointer: text}")).hasSize(1);
    assertThat(Fixture.problems(BridgeTypes.SAMPLES_FROM_JSON, "{fields: {a: b}}")).hasSize(1);
  }

  @Test
  void allKeepTheContractOfANode() throws Exception {
    for (var type : BridgeTypes.ALL) {
      NodeHarness.processor(() -> node(type, "{}"))
          .inputs(
              List.of(
                  Fixture.frame(1, "a", 1),
                  Frame.json(2, 2, "{\"text\":\"t\"}"),
                  new Frame(3, 3, new Body.Text("t"), Metadata.NONE)))
          .check();
    }
    NodeHarness.processor(() -> node(BridgeTypes.SAMPLES_FROM_JSON, "{fields: {a: /a}}")).check();
  }

  private static Frame one(NodeType<?> type, String config, Frame frame) throws Exception {
    var outputs = NodeHarness.run(node(type, config), List.of(frame));
    assertThat(outputs).hasSize(1);
    return outputs.getFirst();
  }

  private static String refused(NodeType<?> type, String config, Frame frame) throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(node(type, config), context)) {
      run.batch(frame);
      assertThat(run.failures()).isEmpty();
      assertThat(run.outputs()).isEmpty();
      assertThat(context.rejections()).hasSize(1);
      return context.rejections().getFirst().reason();
    }
  }

  private static Processor node(NodeType<?> type, String config) {
    return (Processor) Fixture.node(type, config);
  }
}
