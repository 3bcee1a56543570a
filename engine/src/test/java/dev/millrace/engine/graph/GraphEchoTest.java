package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphEchoTest {
  @Test
  void anEchoHasOneSpellingAndKeepsWhatEditorsNote() {
    var echo =
        echo(
            """
            {"editor": 1,
             "edges": [{"id": "e", "source": "a", "target": "k", "sourceHandle": "o"}],
             "nodes": [
               {"position": {"x": 1.5}, "params": {"freq": 880, "odd": [null]}, "type": "sine",
                "id": "a", "data": {"label": "A"}},
               {"id": "k", "type": "keep"}]}
            """);
    assertThat(echo)
        .isEqualTo(
            "{\"nodes\":[{\"id\":\"a\",\"type\":\"SineGenerator\",\"config\":{\"frequency\":880,"
                + "\"odd\":[null]},\"position\":{\"x\":1.5},\"data\":{\"label\":\"A\"}},"
                + "{\"id\":\"k\",\"type\":\"Keep\"}],\"connections\":[{\"from\":\"a\",\"to\":\"k\","
                + "\"id\":\"e\",\"sourceHandle\":\"o\"}],\"editor\":1}");
  }

  @Test
  void whatIsNoGraphIsEchoedAsFarAsItGoes() {
    assertThat(echo("[1, {\"a\": null}]")).isEqualTo("[1,{\"a\":null}]");
    assertThat(echo("{\"nodes\": [7, {\"type\": 3}], \"edges\": {}}"))
        .isEqualTo("{\"nodes\":[7,{\"type\":3}],\"connections\":{}}");
    assertThat(echo("{\"nodes\": [], \"connections\": [5]}"))
        .isEqualTo("{\"nodes\":[],\"connections\":[5]}");
  }

  @Test
  void anEchoReadsAsTheSameGraphAndIsItsOwnEcho() {
    long seed = new Random().nextLong();
    var documents = new RandomDocument(seed);
    for (int i = 0; i < 500; i++) {
      var document = documents.next();
      var about = "seed " + seed + ", document " + document;
      var graph = Types.graph(document);
      var echo = echo(document);
      assertThat(parts(Types.graph(echo))).as(about).isEqualTo(parts(graph));
      assertThat(echo(echo)).as(about).isEqualTo(echo);
    }
  }

  /// Changed by a few characters or values, a sound document is read or refused, drawn and echoed.
  @Test
  void changedDocumentsNeverThrow() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var documents = new RandomDocument(seed);
    for (int i = 0; i < 3_000; i++) {
      var text = documents.next().toCharArray();
      for (int change = 0; change <= random.nextInt(3); change++) {
        text[random.nextInt(text.length)] = "{}[]\",:0ne-x ".charAt(random.nextInt(13));
      }
      var document = new String(text);
      var problems = new Problems();
      var tree = GraphDocument.parse("g", document.getBytes(StandardCharsets.UTF_8), problems);
      var graph = tree.flatMap(parsed -> Graph.read(parsed, Types.CATALOGUE, problems));
      assertThat(graph.isPresent() != problems.hasErrors())
          .as("seed %d: %s", seed, document)
          .isTrue();
      tree.ifPresent(parsed -> GraphEcho.of(parsed, Types.CATALOGUE));
      graph.ifPresent(
          read -> {
            assertThat(GraphDraw.text(read).lines()).hasSizeGreaterThanOrEqualTo(1);
            assertThat(GraphDraw.mermaid(read)).startsWith("flowchart");
            assertThat(GraphDraw.dot(read)).endsWith("}\n");
          });
    }
  }

  private static List<Object> parts(Graph graph) {
    return List.of(
        graph.name(),
        graph.settings(),
        graph.edges(),
        graph.nodes().stream()
            .map(
                node ->
                    List.of(
                        node.id(),
                        node.type().name(),
                        node.config(),
                        node.supervision(),
                        node.parallelism(),
                        node.version()))
            .toList());
  }

  private static String echo(String document) {
    var problems = new Problems();
    return GraphEcho.of(Types.tree(document, problems).orElseThrow(), Types.CATALOGUE).toString();
  }
}
