package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.document.Documents;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.graph.test.GraphTests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphReadTest {
  record Count(@Default("10") @Range(min = 0) int frames) {}

  record None() {}

  private static final NodeCatalogue CATALOGUE =
      new NodeCatalogue(
          List.of(
              NodeType.source("Count", "", Count.class, c -> new Numbers(c.frames())),
              NodeType.transform("Pass", "", None.class, none -> Each.passing()).alsoCalled("pass"),
              NodeType.transform(
                  "Wait",
                  "",
                  None.class,
                  none -> new Each(Execution.WAITING, (frame, out) -> out.emit(frame))),
              NodeType.transform(
                  "Broken",
                  "",
                  None.class,
                  none -> {
                    throw new IllegalStateException("no such device");
                  }),
              NodeType.transform("Liar", "", None.class, none -> new Numbers(1)),
              NodeType.sink("Keep", "", None.class, none -> new Collecting())));

  private final Problems problems = new Problems();

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "E_NODES|'nodes'|{}",
        "E_NODES|'nodes'|{\"nodes\":7}",
        "E_NODES|a graph is a mapping|[1]",
        "E_NODES|a node is a mapping|{\"nodes\":[\"a\"]}",
        "E_NODE_ID|Node missing id|{\"nodes\":[{\"type\":\"Count\"}]}",
        "E_NODE_ID|id wants text|{\"nodes\":[{\"id\":\"\",\"type\":\"Count\"}]}",
        "E_NODE_TYPE|Node missing type|{\"nodes\":[{\"id\":\"a\"}]}",
        "E_UNKNOWN_TYPE|Unknown node type: Cuont|{\"nodes\":[{\"id\":\"a\",\"type\":\"Cuont\"}]}",
        "E_UNKNOWN_TYPE|Unknown node type: Xyz|{\"nodes\":[{\"id\":\"a\",\"type\":\"Xyz\"}]}",
        "E_DUPLICATE_ID|taken by the node at"
            + " g:1:11|{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\"},{\"id\":\"a\",\"type\":\"Keep\"}]}",
        "E_BAD_CONFIG|frames wants an"
            + " integer|{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\",\"config\":{\"frames\":\"5\"}}]}",
        "E_BAD_CONFIG|frames is"
            + " -1|{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\",\"params\":{\"frames\":-1}}]}",
        "E_BAD_CONFIG|channel_capacity is"
            + " 0|{\"pipeline_config\":{\"channel_capacity\":0},\"nodes\":[]}",
        "E_BAD_CONFIG|fusion|{\"pipeline_config\":{\"fusion\":\"maybe\"},\"nodes\":[]}",
        "E_AMBIGUOUS|both connections and edges|{\"nodes\":[],\"connections\":[],\"edges\":[]}",
        "E_AMBIGUOUS|both config and"
            + " params|{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\",\"config\":{},\"params\":{}}]}",
        "E_NODE_CREATE|no such device|{\"nodes\":[{\"id\":\"a\",\"type\":\"Broken\"}]}",
        "E_NODE_CREATE|makes another kind|{\"nodes\":[{\"id\":\"a\",\"type\":\"Liar\"}]}",
        "E_EDGE|'connections' wants a list|{\"nodes\":[],\"connections\":{}}",
        "E_EDGE|a connection is a mapping|{\"nodes\":[],\"connections\":[1]}",
        "E_EDGE|Connection missing from|{\"nodes\":[],\"connections\":[{\"to\":\"a\"}]}",
        "E_EDGE|Connection missing"
            + " to|{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\"}],\"connections\":[{\"from\":\"a\"}]}",
      })
  void aBrokenDocumentIsRefusedWithACode(String code, String what, String document) {
    assertThat(read(document)).isEmpty();
    assertThat(problem(code)).isNotNull().extracting(Problem::what).asString().contains(what);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "E_UNKNOWN_NODE|the to end names keeep|count -> keeep",
        "E_UNKNOWN_NODE|the from end names cuont|cuont -> keep",
        "E_CYCLE|feeds itself: pass -> pass|pass -> pass",
        "E_CYCLE|pass -> pass2 -> pass|count -> pass, pass -> pass2, pass2 -> pass, pass2 -> keep",
        "E_PORT|keep is a sink|count -> keep, keep -> pass",
        "E_PORT|count is a source|count -> pass, pass -> count",
      })
  void aWrongConnectionIsRefusedWithACode(String code, String what, String edges) {
    assertThat(read(nodesAnd(edges))).isEmpty();
    assertThat(problem(code)).isNotNull().extracting(Problem::what).asString().contains(what);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "W_DUP_EDGE|each frame arrives once per edge|count -> keep, count -> keep",
        "W_FANIN_INTERLEAVE|keep gets the frames of 2 nodes|pass -> keep, pass2 -> keep",
        "W_ISOLATED|nothing takes the frames of count|pass -> keep",
      })
  void aDoubtfulGraphIsReadWithAWarning(String code, String what, String edges) {
    assertThat(read(nodesAnd(edges))).isPresent();
    assertThat(problems.all())
        .anyMatch(problem -> problem.code().equals(code) && problem.what().contains(what));
  }

  @Test
  void anEmptyGraphIsReadWithAWarning() {
    assertThat(read("{\"nodes\":[]}")).isPresent();
    assertThat(problem("W_EMPTY")).isNotNull();
  }

  @Test
  void aListWithoutAValueIsAFileThatIsHalfWritten() {
    assertThat(read("nodes:\n  - {id: a, type: Count}\nconnections:\n")).isEmpty();
    assertThat(problem("E_EDGE")).isNotNull();
    assertThat(read("nodes:\nconnections: []\n")).isEmpty();
    assertThat(problem("E_NODES")).isNotNull();
  }

  @Test
  void aGraphWithoutASinkIsReadWithAWarning() {
    assertThat(read("{\"nodes\":[{\"id\":\"a\",\"type\":\"Count\"}]}")).isPresent();
    assertThat(problem("W_NO_SINK")).isNotNull();
  }

  @Test
  void allProblemsAreReportedAtOnceWithTheirPlaces() {
    read(
        """
        nodes:
          - {id: a, type: Cuont, colour: red}
          - {id: a, type: Keep}
          - {type: Keep}
        connections:
          - {from: a, to: nowhere, wieght: 3}
        pipline_config: {}
        """);

    assertThat(problems.all())
        .extracting(Problem::code)
        .containsExactly(
            "E_UNKNOWN_TYPE",
            "W_UNKNOWN_KEY",
            "E_DUPLICATE_ID",
            "E_NODE_ID",
            "E_UNKNOWN_NODE",
            "W_UNKNOWN_KEY",
            "W_UNKNOWN_KEY");
    var type = problem("E_UNKNOWN_TYPE");
    assertThat(type).isNotNull();
    assertThat(type.location()).hasToString("g:2:19");
    assertThat(type.location().pointer()).isEqualTo("/nodes/0/type");
    assertThat(type.fix()).isEqualTo("Did you mean Count?");
  }

  @Test
  void editorsSpellingsAreUnderstood() {
    var graph =
        read(
            """
            {"name":"editor","nodes":[
              {"id":"a","type":"Count","parameters":{"frames":3},"position":{"x":1},"data":{}},
              {"id":"b","type":"pass","config":null,"label":"B"},
              {"id":"c","type":"Keep"}],
             "edges":[
              {"id":"e1","source":"a","target":"b","sourceHandle":"out"},
              {"source":"b","to":"c"}]}
            """);

    assertThat(problems.all()).isEmpty();
    assertThat(graph).isPresent();
    assertThat(graph.get().name()).isEqualTo("editor");
    assertThat(graph.get().nodes().getFirst().config()).isEqualTo(new Count(3));
  }

  @Test
  void settingsHaveDefaultsAndTwoSpellingsOfTheDrainTimeout() {
    assertThat(read("{\"nodes\":[]}").orElseThrow().settings()).isEqualTo(GraphSettings.DEFAULT);
    assertThat(GraphSettings.DEFAULT.channelCapacity()).isEqualTo(100);
    assertThat(settings("{drain_timeout: 3s}").drainTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings("{drain_timeout_ms: 70}").drainTimeout()).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void nodesInARowAreFusedUnlessSomethingKeepsThemApart() {
    assertThat(chains("{}", "count -> pass, pass -> pass2, pass2 -> keep"))
        .containsExactly("count pass pass2 keep");
    assertThat(chains("{\"fusion\":\"off\"}", "count -> pass, pass -> keep"))
        .containsExactly("count", "pass", "pass2", "keep");
    assertThat(chains("{}", "count -> pass, pass -> pass2, pass -> keep"))
        .containsExactly("count pass", "pass2", "keep");
    assertThat(chains("{}", "count -> pass, pass -> wait, wait -> pass2, pass2 -> keep"))
        .containsExactly("count pass", "wait", "pass2 keep");
    assertThat(chains("{}", "count -> pass, pass -> keep 5"))
        .containsExactly("count pass", "pass2", "keep");
  }

  @Test
  void aGraphIsDrawnForTheApi() {
    var json = read(nodesAnd("count -> pass, pass -> wait, wait -> keep")).orElseThrow().toJson();

    assertThat(json.toString())
        .contains("{\"id\":\"wait\",\"type\":\"Wait\",\"execution\":\"waiting\",\"chain\":")
        .contains("{\"from\":\"count\",\"to\":\"pass\",\"capacity\":100,\"fused\":true}")
        .contains("{\"from\":\"pass\",\"to\":\"wait\",\"capacity\":100,\"fused\":false}");
  }

  @Test
  void aCycleOfTenThousandNodesIsNamedShortly() {
    var nodes = new StringBuilder();
    var edges = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      nodes
          .append(i == 0 ? "" : ",")
          .append("{\"id\":\"")
          .append(i)
          .append("\",\"type\":\"Pass\"}");
      edges.append(i == 0 ? "" : ",");
      edges.append("{\"from\":\"").append(i).append("\",\"to\":\"").append((i + 1) % 10_000);
      edges.append("\"}");
    }

    assertThat(read("{\"nodes\":[" + nodes + "],\"edges\":[" + edges + "]}")).isEmpty();

    assertThat(problem("E_CYCLE")).isNotNull();
    assertThat(problem("E_CYCLE").what()).contains("9980 more").hasSizeLessThan(400);
  }

  @Test
  void everyCycleIsNamed() {
    read(
        """
        nodes: [{id: a, type: Pass}, {id: b, type: Pass}, {id: c, type: Pass}, {id: d, type: Pass},
          {id: e, type: Pass}]
        edges: [{from: a, to: b}, {from: b, to: a}, {from: b, to: e}, {from: e, to: c},
          {from: c, to: d}, {from: d, to: c}]
        """);

    assertThat(problems.all())
        .extracting(Problem::what)
        .filteredOn(what -> what.contains("feed"))
        .containsExactly(
            "these nodes feed each other: a -> b -> a", "these nodes feed each other: c -> d -> c");
  }

  @Test
  void tooLargeAGraphIsRefused() {
    var nodes = "{\"id\":\"x\"},".repeat(10_000) + "{\"id\":\"x\"}";
    read("{\"nodes\":[" + nodes + "]}");

    assertThat(problem("E_LIMIT")).isNotNull();
  }

  /// Whatever stands in a document, reading it ends with a graph or with a problem.
  @Test
  void mutilatedDocumentsAreReadOrRefusedButNeverCrash() {
    long seed = 42;
    var random = new Random(seed);
    var good = nodesAnd("count -> pass, pass -> wait, wait -> keep").toCharArray();
    for (int i = 0; i < 5_000; i++) {
      var text = good.clone();
      for (int change = 0; change < 1 + random.nextInt(4); change++) {
        text[random.nextInt(text.length)] = "{}[]\",:0ae-".charAt(random.nextInt(11));
      }
      readOrRefused(new String(text).getBytes(StandardCharsets.UTF_8), "seed " + seed);
    }
  }

  @FuzzTest
  void noBytesCrashTheReader(byte[] bytes) {
    readOrRefused(bytes, "fuzz");
  }

  private static void readOrRefused(byte[] document, String about) {
    var found = new Problems();
    var tree = GraphDocument.parse("g", document, found);
    var graph = tree.flatMap(parsed -> Graph.read(parsed, CATALOGUE, found));
    assertThat(graph.isPresent() != found.hasErrors())
        .as("%s: %s", about, new String(document, StandardCharsets.UTF_8))
        .isTrue();
    tree.ifPresent(parsed -> GraphEcho.of(parsed, CATALOGUE));
    graph.ifPresent(read -> GraphTests.read(tree.orElseThrow(), read, new Problems()));
  }

  private List<String> chains(String settings, String edges) {
    return read("{\"pipeline_config\":" + settings + "," + nodesAnd(edges).substring(1))
        .orElseThrow()
        .chains()
        .stream()
        .map(chain -> String.join(" ", chain.stream().map(GraphNode::id).toList()))
        .filter(chain -> edges.contains("wait") || !chain.equals("wait"))
        .toList();
  }

  private GraphSettings settings(String yaml) {
    return read("nodes: []\npipeline_config: " + yaml).orElseThrow().settings();
  }

  private Optional<Graph> read(String document) {
    return Documents.parse("g", document.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Graph.read(tree, CATALOGUE, problems));
  }

  private @Nullable Problem problem(String code) {
    return problems.all().stream()
        .filter(problem -> problem.code().equals(code))
        .findFirst()
        .orElse(null);
  }

  /// Five nodes and these edges; a number behind an edge is its capacity.
  private static String nodesAnd(String edges) {
    var list =
        java.util.Arrays.stream(edges.split(", ", -1))
            .map(edge -> edge.split(" -> | ", -1))
            .map(
                ends ->
                    "{\"from\":\""
                        + ends[0]
                        + "\",\"to\":\""
                        + ends[1]
                        + (ends.length > 2 ? "\",\"capacity\":" + ends[2] + "}" : "\"}"))
            .toList();
    return "{\"nodes\":[{\"id\":\"count\",\"type\":\"Count\"},{\"id\":\"pass\",\"type\":\"Pass\"},"
        + "{\"id\":\"wait\",\"type\":\"Wait\"},{\"id\":\"pass2\",\"type\":\"Pass\"},"
        + "{\"id\":\"keep\",\"type\":\"Keep\"}],\"connections\":"
        + list
        + "}";
  }
}
