package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlikeTest {
  private static final String PLAIN =
      """
      pipeline_config: {channel_capacity: 5}
      nodes:
        - {id: a, type: Sink, config: {any: {x: 1, y: [a, {b: c}]}, names: [p, q], more: {k: v}}}
        - {id: b, type: Sink, config: {any: text}}
      """;

  record Inner(@Nullable String deep) {}

  record Config(
      @Nullable Tree any, List<String> names, Map<String, String> more, @Nullable Inner inner) {}

  private static final class Nothing implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {}
  }

  private static Graph read(String document) {
    var types =
        List.<NodeType<?>>of(NodeType.sink("Sink", "", Config.class, config -> new Nothing()));
    var problems = new Problems();
    return Documents.parse("g.yaml", document.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Graph.read(tree, new NodeCatalogue(types), problems))
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }

  @Test
  void whereAndInWhichOrderOfKeysItStoodMakesNoDifference() {
    var moved =
        read(
            """
            # a comment
            nodes:

            - type: Sink
              config:
                more: {k: v}
                names:
                - p
                - q
                any: {y: [a, {b: c}], x: 1}
              id: a
            - {id: b, type: Sink, config: {any: "text"}}
            pipeline_config:
              channel_capacity: 5
            """);
    assertThat(Alike.graphs(read(PLAIN), moved)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x: 1| x: 2",
        "x: 1| x: '1'",
        "x: 1| z: 1",
        "[a, {b: c}]| [{b: c}, a]",
        "[a, {b: c}]| [a]",
        "[p, q]| [q, p]",
        "k: v| k: w",
        "id: b| id: c",
        "any: text| inner: {deep: down}",
        "pipeline_config: {channel_capacity: 5}| pipeline_config: {fusion: \"off\"}",
      })
  void anythingElseDoes(String part, String other) {
    var changed = PLAIN.replace(part, other);
    assertThat(changed).isNotEqualTo(PLAIN);
    assertThat(Alike.graphs(read(PLAIN), read(changed))).isFalse();
  }

  @Test
  void nameAndDrainTimeoutAreNoMatterOfTheRun() {
    var other =
        read("name: other\n" + PLAIN.replace("capacity: 5", "capacity: 5, drain_timeout: 1s"));
    assertThat(Alike.graphs(read(PLAIN), other)).isTrue();
  }

  @Test
  void sinksOfTheSameTypeAndConfigWriteToTheSamePlace() {
    var b = read("nodes: [{id: other, type: Sink, config: {any: text}}]");
    var none = read("nodes: [{id: b, type: Sink, config: {any: other}}]");
    assertThat(Alike.shareASink(read(PLAIN), b)).isTrue();
    assertThat(Alike.shareASink(read(PLAIN), none)).isFalse();
    assertThat(Alike.newSinks(read(PLAIN), read(PLAIN))).isEmpty();
    assertThat(Alike.newSinks(read(PLAIN), none)).extracting(GraphNode::id).containsExactly("b");
    assertThat(Alike.anyWritesTo(Alike.newSinks(read(PLAIN), none), read(PLAIN))).isFalse();
    assertThat(Alike.anyWritesTo(Alike.newSinks(read(PLAIN), b), read(PLAIN))).isTrue();
  }
}
