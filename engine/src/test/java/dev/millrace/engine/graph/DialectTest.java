package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.engine.flow.Overflow;
import dev.millrace.engine.schedule.Priority;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DialectTest {
  private final Problems problems = new Problems();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'nodes':[{'id':'a','type':'SineGenerator','config':{'frequency':880}},{'id':'b','type':"
            + "'Gain'},{'id':'k','type':'Keep'}],'connections':[{'from':'a','to':'b'},{'from':'b',"
            + "'to':'k'}]}",
        "{'nodes':[{'id':'a','type':'sinegenerator','parameters':{'freq':880.0}},{'id':'b','type':"
            + "'gainnode','params':{}},{'id':'k','type':'keep','config':null}],'edges':[{'id':'e1',"
            + "'source':'a','target':'b','sourceHandle':'o','targetHandle':'i','data':{},'label':'',"
            + "'position':{'x':1}},{'source':'b','to':'k'}]}",
        "\uFEFF{'nodes':[{'id':'a','type':'sine','params':{'freq':880}},{'id':'b','type':"
            + "'GainNode','position':{'x':1,'y':2},'data':{'label':'b'},'label':'b'},{'id':'k',"
            + "'type':'Keep'}],'edges':[{'from':'a','target':'b'},{'from':'b','to':'k'}]}",
      })
  void everyDialectReadsAsTheSameGraph(String document) {
    var graph = Types.read(document.replace('\'', '"'), problems).orElseThrow();

    assertThat(problems.all()).isEmpty();
    assertThat(graph.nodes())
        .extracting(node -> node.id() + " " + node.type().name())
        .containsExactly("a SineGenerator", "b Gain", "k Keep");
    assertThat(graph.nodes().getFirst().config()).isEqualTo(new Types.Tone(880, 1024));
    assertThat(graph.edges())
        .extracting(edge -> edge.from() + "-" + edge.to())
        .containsExactly("0-1", "1-2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'nodes':[],'connections':[],'edges':[]}",
        "{'nodes':[{'id':'a','type':'Pass','parameters':{},'params':{}}]}",
        "{'nodes':[{'id':'a','type':'Pass'},{'id':'k','type':'Keep'}],"
            + "'edges':[{'from':'a','source':'a','to':'k'}]}",
        "{'nodes':[{'id':'a','type':'Pass'},{'id':'k','type':'Keep'}],"
            + "'edges':[{'from':'a','to':'k','target':'k'}]}",
        "{'nodes':[],'pipeline_config':{'drain_timeout':'1s','drain_timeout_ms':5}}",
      })
  void twoSpellingsAtOnceAreAmbiguous(String document) {
    assertThat(Types.read(document.replace('\'', '"'), problems)).isEmpty();
    assertThat(problems.all().stream().filter(Problem::isError))
        .extracting(Problem::code)
        .containsExactly("E_AMBIGUOUS");
  }

  @Test
  void aWholeNumberMayHaveAPointAndTextIsNoNumber() {
    assertThat(config("{\"frame_size\": 48000.0}")).contains("frameSize=48000");
    assertThat(Types.read(tone("{\"frame_size\": \"48000\"}"), problems)).isEmpty();
    assertThat(Types.read(tone("{\"frame_size\": 1.5}"), problems)).isEmpty();
    assertThat(problems.all())
        .extracting(Problem::what)
        .contains(
            "node a: frame_size wants an integer, not the text \"48000\"",
            "node a: frame_size wants an integer, not the number 1.5");
  }

  @Test
  void enumsMatchInAnyLetterCase() {
    var graph = Types.graph("nodes: [{id: a, type: FFT, config: {window_type: HaMMing}}]");
    assertThat(graph.nodes().getFirst().config().toString()).contains("windowType=HAMMING");
  }

  @Test
  void everySettingIsRead() {
    var graph =
        Types.graph(
            """
            pipeline_config:
              name: tones
              priority: CRITICAL
              error_policy: skipframe
              restart: {immediate: {max_attempts: 2}}
              fusion: "off"
              deadline_ms: 5000
              drain_timeout_ms: 70
              max_frame_samples: 4096
              channel_capacity: 7.0
              checkpoint: {interval_ms: 500, every_frames: 10, dir: states, keep: 2}
            nodes: []
            """);
    var settings = graph.settings();
    assertThat(graph.name()).isEqualTo("tones");
    assertThat(settings.priority()).isEqualTo(Priority.CRITICAL);
    assertThat(settings.fusion()).isEqualTo(GraphSettings.Fusion.OFF);
    assertThat(settings.deadline()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.drainTimeout()).isEqualTo(Duration.ofMillis(70));
    assertThat(settings.maxFrameSamples()).isEqualTo(4096);
    assertThat(settings.channelCapacity()).isEqualTo(7);
    assertThat(settings.checkpoint())
        .isEqualTo(
            new CheckpointSpec(
                500, 10, "states", 2, 60_000, new ByteSize(64L << 20), new ByteSize(256L << 20)));
    assertThat(GraphSettings.DEFAULT.deadline()).isNull();
    assertThat(Types.graph("nodes: []\npipeline_config: {}").settings())
        .isEqualTo(GraphSettings.DEFAULT);
  }

  @Test
  void aCheckpointThatNeverComesIsRefused() {
    var document = "nodes: []\npipeline_config: {checkpoint: {interval_ms: 0}}";
    assertThat(Types.read(document, problems)).isEmpty();
    assertThat(problems.toString()).contains("there would be no checkpoint");
  }

  @Test
  void everyKeyOfANodeIsRead() {
    var graph =
        Types.graph(
            """
            pipeline_config: {error_policy: SkipFrame}
            nodes:
              - {id: a, type: Count, event_time: {lag_ms: 5, idle_timeout_ms: 9}, version: 2}
              - {id: b, type: Gain, parallelism: 4}
              - {id: c, type: Gain, workers: {min: 2, max: 6, ordered: false}}
              - {id: d, type: Gain, error_policy: Propagate, dead_letter: k}
              - {id: k, type: Keep}
            """);
    var nodes = graph.nodes();
    assertThat(nodes.get(0).eventTime()).isEqualTo(new EventTime(5, 9));
    assertThat(nodes.get(0).version()).isEqualTo("2");
    assertThat(nodes.get(0).parallelism()).isEqualTo(1);
    assertThat(nodes.get(1).parallelism()).isEqualTo(4);
    assertThat(nodes.get(1).workersMin()).isEqualTo(4);
    assertThat(nodes.get(1).ordered()).isTrue();
    assertThat(nodes.get(2).workersMin()).isEqualTo(2);
    assertThat(nodes.get(2).workersMax()).isEqualTo(6);
    assertThat(nodes.get(2).ordered()).isFalse();
    assertThat(nodes.get(2).supervision()).isNotEqualTo(nodes.get(3).supervision());
    assertThat(nodes.get(3).supervision().deadLetter()).isEqualTo("k");
  }

  @Test
  void everyKeyOfAnEdgeIsReadAndKeepsItFromBeingFused() {
    var graph =
        Types.graph(
            """
            nodes: [{id: a, type: Gain}, {id: b, type: Gain}, {id: c, type: Gain},
              {id: d, type: Gain}, {id: k, type: Keep}]
            edges:
              - {from: a, to: b, strategy: Drop_Oldest, capacity: 3}
              - {from: b, to: c, timeout_ms: 40}
              - {from: c, to: d, branch: true}
              - {from: d, to: k, strategy: block}
            """);
    assertThat(graph.edges().get(0))
        .isEqualTo(new GraphEdge(0, 1, 3, true, Overflow.DROP_OLDEST, 0, null));
    assertThat(graph.edges().get(1))
        .isEqualTo(new GraphEdge(1, 2, 100, false, Overflow.BLOCK, 40, null));
    assertThat(graph.edges().get(2).branch()).isEqualTo("true");
    assertThat(graph.chains()).hasSize(4);
    assertThat(graph.toJson().toString())
        .contains("\"strategy\":\"drop_oldest\"", "\"branch\":\"true\"");
  }

  @Test
  void edgesOfTwoBranchesAreNotTheSameTwice() {
    var document =
        "nodes: [{id: a, type: Gain}, {id: k, type: Keep}]\n"
            + "edges: [{from: a, to: k, branch: 'true'}, {from: a, to: k, branch: 'false'}]";
    assertThat(Types.read(document, problems)).isPresent();
    assertThat(problems.all()).isEmpty();
    assertThat(
            Types.read(
                document.replace("'false'", "'false', strategy: drop_newest," + " timeout_ms: 5"),
                problems))
        .isEmpty();
    assertThat(problems.toString()).contains("timeout_ms is for an edge that blocks");
  }

  private static String config(String config) {
    return Types.graph(tone(config)).nodes().getFirst().config().toString();
  }

  private static String tone(String config) {
    return "{\"nodes\":[{\"id\":\"a\",\"type\":\"Sine\",\"config\":" + config + "}]}";
  }
}
