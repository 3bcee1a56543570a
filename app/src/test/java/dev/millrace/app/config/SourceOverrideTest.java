package dev.millrace.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.server.Catalogue;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.Graph;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceOverrideTest {
  private static final SourceOverride REPLAY =
      new SourceOverride("Replay", Map.of("path", "events.jsonl", "rate", "500"));

  @Test
  void aLiveSourceIsReplacedAndTheRestStays() {
    var tree =
        parse(
            """
            nodes:
              - { id: firehose, type: Jetstream, config: { wanted_collections: [a.b] } }
              - { id: store, type: SqliteSink, config: { path: kept.db } }
            connections:
              - { from: firehose, to: store }
            """);
    var problems = new Problems();
    var graph =
        Graph.read(REPLAY.apply(tree, Catalogue.forChecking()), Catalogue.forChecking(), problems);
    assertThat(problems.all()).isEmpty();
    var nodes = graph.orElseThrow().nodes();
    assertThat(nodes.getFirst().id()).isEqualTo("firehose");
    assertThat(nodes.getFirst().type().name()).isEqualTo("Replay");
    assertThat(nodes.getLast().type().name()).isEqualTo("SqliteSink");
  }

  @Test
  void aSourceThatIsNotLiveStays() {
    var tree = parse("nodes: [ { id: made, type: SimulatedFirehose } ]\n");
    assertThat(REPLAY.apply(tree, Catalogue.forChecking())).isEqualTo(tree);
  }

  @Test
  void whatIsNoGraphIsLeftToTheReaderOfGraphs() {
    for (var text : new String[] {"[ 1 ]\n", "nodes: 7\n", "nodes: [ 7, { type: 7 }, {} ]\n"}) {
      var tree = parse(text);
      assertThat(REPLAY.apply(tree, Catalogue.forChecking())).as(text).isEqualTo(tree);
    }
  }

  private static Tree parse(String text) {
    var problems = new Problems();
    return Documents.parse("graph.yaml", text.getBytes(StandardCharsets.UTF_8), problems)
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }
}
