package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each code: what document it is for, where it points, and which nodes it names. Documents are
/// written with ' for ".
class ValidationTest {
  private static final String SINE = "{'id':'s','type':'Sine'}";
  private static final String KEEP = "{'id':'k','type':'Keep'}";

  private final Problems problems = new Problems();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "E_JSON 1  []|{'nodes': [], x}",
        "E_JSON 1 /nodes []|{'nodes': [], 'nodes': []}",
        "E_JSON 1 /nodes/0/id []|{'nodes': [{'id': 'a', 'id': 'b', 'type': 'Keep'}]}",
        "E_NODES 1  []|{'connections': []}",
        "E_NODES 1 /nodes []|{'nodes': {}}",
        "E_NODES 1 /nodes/0 []|{'nodes': [7]}",
        "E_NODE_ID 1 /nodes/0 []|{'nodes': [{'type': 'Keep'}]}",
        "E_NODE_TYPE 1 /nodes/0 [a]|{'nodes': [{'id': 'a'}]}",
        "E_UNKNOWN_TYPE 1 /nodes/0/type [a]|{'nodes': [{'id': 'a', 'type': 'Gian'}]}",
        "E_DUPLICATE_ID 1 /nodes/1/id [k]|{'nodes': [{'id':'k','type':'Keep'},{'id':'k',"
            + "'type':'Keep'}]}",
        "E_EDGE 1 /connections/0/from [a]|{'nodes': [], 'connections': [   {'from': 1.5, 'to':"
            + " 'a'}]}",
        "E_BAD_CONFIG 1 /nodes/0/config/gain [a]|{'nodes': [{'id':'a','type':'Gain',"
            + "'config':{'gain':'2'}}]}",
        "E_BAD_CONFIG 1 /nodes/0/config [a]|{'nodes': [{'id':'a','type':'Gain'," + "'config':[]}]}",
        "E_AMBIGUOUS 1 /nodes/0/config/gain_db [a]|{'nodes': [{'id':'a','type':'Gain',"
            + "'config':{'gain':2,'gain_db':6}}]}",
        "E_AMBIGUOUS 1 /nodes/0/config/freq [a]|{'nodes': [{'id':'a','type':'Sine',"
            + "'config':{'frequency':2,'freq':6}}]}",
        "E_BAD_CONFIG 1 /pipeline_config/channel_capacity []|{'nodes': [],"
            + "'pipeline_config':{'channel_capacity':0}}",
        "E_BAD_CONFIG 1 /pipeline_config/priority []|{'nodes': [],"
            + "'pipeline_config':{'priority':'urgent'}}",
        "E_BAD_CONFIG 1 /pipeline_config/error_policy []|{'pipeline_config':{"
            + "'error_policy': 'Explode'},'nodes':[]}",
        "W_EMPTY 1 /nodes []|{'nodes': []}",
        "W_UNKNOWN_KEY 1 /colour []|{'nodes': [], 'colour': 1}",
        "W_UNKNOWN_KEY 1 /nodes/0/config/gian [a]|{'nodes': [{'id':'a','type':'Gain',"
            + "'config':{'gian':2}}]}",
        "W_RANGE 1 /nodes/0/config/cutoff_hz [a]|{'nodes': [{'id':'a','type':'FFT',"
            + "'config':{'cutoff_hz':5}}]}",
        "W_NO_SINK 1 /nodes/0 []|{'nodes': [{'id':'a','type':'Gain'}]}",
        "W_ISOLATED 1 /nodes/0 [a]|{'nodes': [{'id':'a','type':'Gain'}]}",
      })
  void everyCodeHasAPlaceAndItsNodes(String expected, String document) {
    Types.read(document.replace('\'', '"'), problems);

    var code = expected.substring(0, expected.indexOf(' '));
    assertThat(problems.all().stream().filter(p -> p.code().equals(code)).map(Types::brief))
        .as("%s", problems)
        .contains(expected);
    assertThat(problems.all()).allMatch(problem -> !problem.what().isBlank());
  }

  @Test
  void lineAndColumnAreThoseOfTheValue() {
    Types.read(
        """
        {
          "nodes": [
            {"id": "a", "type": "Gain",
             "config": {"gain": "loud"}}
          ]
        }
        """,
        problems);

    var problem = only("E_BAD_CONFIG");
    assertThat(problem.location()).hasToString("g:4:25");
    assertThat(problem.what())
        .isEqualTo("node a: gain wants a finite number, not the text \"loud\"");
    assertThat(problem.nodes()).containsExactly("a");
  }

  @Test
  void brokenJsonAndADuplicateKeyHaveLineAndColumn() {
    Types.read("{\n \"nodes\": [}", problems);
    assertThat(only("E_JSON").location()).hasToString("g:2:12");

    var second = new Problems();
    Types.read("{\"nodes\": [],\n  \"nodes\": []}", second);
    assertThat(second.all()).extracting(Types::brief).containsExactly("E_JSON 2 /nodes []");
  }

  @Test
  void aDocumentBeyondTheLimitIsNotParsed() {
    var bytes = new byte[Documents.Limits.GRAPH.bytes() + 1];
    assertThat(GraphDocument.parse("g", bytes, problems)).isEmpty();
    assertThat(only("E_LIMIT").what()).contains("at most 67108864");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "E_UNKNOWN_NODE|/connections/0/from|[sien, k]|sien -> k",
        "E_UNKNOWN_NODE|/connections/0/to|[s, kep]|s -> kep",
        "E_CYCLE|/connections/0|[g]|g -> g",
        "E_CYCLE|/connections/1|[g, p]|g -> p, p -> g",
        "E_PORT|/connections/0|[k, p]|k -> p",
        "E_PORT|/connections/0|[c, p]|c -> p",
        "E_PORT|/connections/0|[s, n]|s -> n",
        "E_PORT|/connections/0|[f, g]|f -> g",
        "E_PORT|/connections/0|[g, s]|g -> s",
        "W_DUP_EDGE|/connections/1|[s, k]|s -> k, s -> k",
        "W_FANIN_INTERLEAVE|/nodes/4|[p]|s -> p, g -> p, p -> k",
      })
  void everyCodeOfAConnectionHasAPlaceAndItsNodes(
      String code, String pointer, String nodes, String edges) {
    read("", edges);

    assertThat(only(code).location().pointer()).isEqualTo(pointer);
    assertThat(only(code).nodes()).hasToString(nodes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"t -> s, s -> g, g -> f, f -> k", "n -> s", "n -> p, p -> g", "s -> m, g -> m"})
  void whatFitsIsNoProblem(String edges) {
    read("", edges);
    assertThat(problems.all())
        .extracting(Problem::code)
        .doesNotContain("E_PORT", "W_FANIN_INTERLEAVE", "E_CYCLE");
  }

  @Test
  void theWordsForWrongPortsSayWhichDataMeet() {
    read("", "f -> g, g -> s");
    assertThat(problems.all())
        .extracting(Problem::what)
        .contains(
            "f gives fft_result, and g takes audio_frame",
            "g gives audio_frame, and s takes trigger");
  }

  @Test
  void aTransformWithoutAnEdgeIntoItIsAnEntryAndNoMistake() {
    var graph = Types.graph(nodes("", "s -> g, g -> k"));
    assertThat(graph.isEntry(graph.find("s").orElseThrow())).isTrue();
    assertThat(graph.isEntry(graph.find("g").orElseThrow())).isFalse();
    assertThat(graph.isEntry(graph.find("k").orElseThrow())).isFalse();
    read("", "s -> g, g -> k");
    assertThat(problems.all()).extracting(Problem::nodes).noneMatch(ids -> ids.contains("s"));
  }

  @Test
  void aNodeThatOnlyGetsDeadLettersIsReachedAndNoEntry() {
    var graph = Types.graph(document("{'id':'s','type':'Sine','dead_letter':'p'}", "s -> k"));
    var letters = graph.find("p").orElseThrow();
    assertThat(graph.isEntry(letters)).isFalse();
    assertThat(graph.takesDeadLetters(letters)).isTrue();
    assertThat(graph.deadLetters(graph.find("s").orElseThrow())).contains(letters);
    assertThat(graph.chains()).allMatch(chain -> chain.indexOf(letters) <= 0);
    assertThat(graph.order().indexOf(letters)).isPositive();
    Types.read(document("{'id':'s','type':'Sine','dead_letter':'p'}", "s -> k"), problems);
    assertThat(problems.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "E_UNKNOWN_NODE|/nodes/0/dead_letter|nowhere|s -> k",
        "E_CYCLE|/nodes/0/dead_letter|s|s -> k",
        "E_CYCLE|/connections/0|p|p -> s",
        "E_BAD_CONFIG|/nodes/0/dead_letter|7|s -> k",
      })
  void deadLettersThatLeadNowhereOrBackAreRefused(
      String code, String pointer, String target, String edges) {
    var id = target.equals("7") ? "7" : "'" + target + "'";
    Types.read(document("{'id':'s','type':'Gain','dead_letter':" + id + "}", edges), problems);
    assertThat(only(code).location().pointer()).isEqualTo(pointer);
    assertThat(only(code).nodes()).contains("s");
  }

  @Test
  void deadLettersOfTwoNodesToEachOtherAreACycle() {
    Types.read(
        """
        nodes: [{id: a, type: Pass, dead_letter: b}, {id: b, type: Pass, dead_letter: a}]
        """,
        problems);
    assertThat(only("E_CYCLE").what()).endsWith("a -> b -> a");
  }

  @Test
  void aBreakerThatCanNeverActIsWarnedOf() {
    Types.read(
        """
        nodes:
          - {id: a, type: Pass, restart: {CircuitBreaker: {error_threshold: 5, timeout_ms: 10}}}
          - {id: b, type: Pass, error_policy: SkipFrame, restart: circuitbreaker}
        """,
        problems);
    assertThat(only("W_BREAKER_USELESS").location().pointer()).isEqualTo("/nodes/0/restart");
    assertThat(only("W_BREAKER_USELESS").nodes()).containsExactly("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "parallelism wants a stateless type|FFT|parallelism: 2",
        "workers wants a stateless type|FFT|workers: {max: 3}",
        "both parallelism and workers|Gain|parallelism: 2, workers: {max: 3}",
        "min 4 is above max 3|Gain|workers: {min: 4, max: 3}",
        "parallelism is 0|Gain|parallelism: 0",
        "event_time belongs to a source|Gain|event_time: {lag_ms: 5}",
        "version wants text|Gain|version: []",
        "workers may not give up the order|Gain|workers: {max: 3, ordered: false}",
      })
  void whatATypeCannotDoIsRefused(String what, String type, String keys) {
    Types.read(
        "nodes: [{id: a, type: "
            + type
            + ", "
            + keys
            + "}, {id: b, type: Pass}, {id: c, type: Store}]\n"
            + "edges: [{from: a, to: b}, {from: b, to: c}]",
        problems);
    assertThat(problems.all().stream().filter(Problem::isError))
        .singleElement()
        .satisfies(problem -> assertThat(problem.what()).contains(what))
        .satisfies(problem -> assertThat(problem.nodes()).containsExactly("a"));
  }

  @Test
  void allProblemsComeAtOnceByPlace() {
    Types.read(
        """
        connections: [{from: x, to: k}]
        nodes:
          - {id: k, type: Keep}
          - {id: g, type: Gain, config: {gain: no, gian: 1}}
          - {id: k, type: Keep}
        pipeline_config: {priority: 3}
        """,
        problems);
    assertThat(problems.all())
        .extracting(problem -> problem.code() + " " + problem.location().line())
        .containsExactly(
            "E_UNKNOWN_NODE 1",
            "E_BAD_CONFIG 4",
            "W_UNKNOWN_KEY 4",
            "E_DUPLICATE_ID 5",
            "E_BAD_CONFIG 6");
    assertThat(problems.strict().all()).allMatch(Problem::isError);
  }

  @Test
  void tenThousandNodesInAChainAreReadSoonAndWithoutRecursion() {
    var types = new String[] {"Sine", "Gain"};
    var nodes =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "{'id':'n" + i + "','type':'" + types[Math.min(i, 1)] + "'}")
            .collect(Collectors.joining(","));
    var edges =
        IntStream.range(1, 10_000)
            .mapToObj(i -> "{'from':'n" + (i - 1) + "','to':'n" + i + "'}")
            .collect(Collectors.joining(","));
    var document = ("{'nodes':[" + nodes + "],'edges':[" + edges + "]}").replace('\'', '"');
    long start = System.nanoTime();
    var graph = Types.graph(document);
    var took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(graph.nodes()).hasSize(10_000);
    assertThat(GraphDraw.text(graph).lines()).hasSize(10_000);
    assertThat(GraphDraw.text(graph)).contains("↓ n9999 (Gain)");
    assertThat(took).isLessThan(Duration.ofSeconds(30)); // a guard against hanging
  }

  private void read(String settings, String edges) {
    Types.read(nodes(settings, edges), problems);
  }

  private Problem only(String code) {
    var found = problems.all().stream().filter(p -> p.code().equals(code)).toList();
    assertThat(found).as("%s", problems).hasSize(1);
    return found.getFirst();
  }

  private static String document(String first, String edges) {
    return "{'nodes':[%s,%s,{'id':'p','type':'Pass'}],'connections':[%s]}"
        .formatted(first, KEEP, list(edges))
        .replace('\'', '"');
  }

  private static String nodes(String settings, String edges) {
    return ("{%s'nodes':[%s,{'id':'g','type':'Gain'},{'id':'f','type':'FFT'},%s,"
            + "{'id':'p','type':'Pass'},{'id':'c','type':'Collect','config':{'terminal':true}},"
            + "{'id':'n','type':'TriggerSource'},{'id':'m','type':'Merge'},"
            + "{'id':'t','type':'TriggerSource'}],'connections':[%s]}")
        .formatted(settings, SINE, KEEP, list(edges))
        .replace('\'', '"');
  }

  private static String list(String edges) {
    return Arrays.stream(edges.split(", ", -1))
        .map(edge -> edge.split(" -> ", -1))
        .map(ends -> "{'from':'%s','to':'%s'}".formatted(ends[0], ends[1]))
        .collect(Collectors.joining(","));
  }
}
