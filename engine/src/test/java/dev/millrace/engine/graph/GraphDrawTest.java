package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GraphDrawTest {
  private static final Graph GRAPH =
      Types.graph(
          """
          name: two ways
          nodes:
            - {id: count, type: Count}
            - {id: store, type: Store}
            - {id: pass, type: Pass, dead_letter: store2}
            - {id: 'a "b" <c>', type: Pass}
            - {id: join, type: Merge}
            - {id: keep, type: Keep}
            - {id: store2, type: Store}
          edges:
            - {from: count, to: store}
            - {from: count, to: pass, strategy: drop_oldest, capacity: 4}
            - {from: pass, to: 'a "b" <c>', branch: "true"}
            - {from: pass, to: join}
            - {from: 'a "b" <c>', to: join, timeout_ms: 50}
            - {from: join, to: keep}
          """);

  @Test
  void textShowsEachNodeOnceUnderTheOneThatLeadsToIt() {
    assertThat(GraphDraw.text(GRAPH))
        .isEqualTo(
            """
            count (Count)
            ├─> store (Store)
            └─> [drop_oldest 4] pass (Pass)
                ├─> [true] a "b" <c> (Pass)
                │   ↓ [50ms] join (Merge)
                │   ↓ keep (Keep)
                ├─> join (above)
                └─> [dead letters] store2 (Store)
            """);
  }

  @Test
  void mermaidGetsItsOwnQuotes() {
    assertThat(GraphDraw.mermaid(GRAPH))
        .contains("  n0([\"count<br/>Count\"])\n")
        .contains("  n1[(\"store<br/>Store\")]\n")
        .contains("  n3[\"a #quot;b#quot; #lt;c#gt;<br/>Pass\"]\n")
        .contains("  n0 -->|\"drop_oldest 4\"| n2\n")
        .contains("  n2 -.->|\"dead letters\"| n6\n")
        .contains("  n4 --> n5\n");
  }

  @Test
  void dotGetsItsOwnQuotes() {
    assertThat(GraphDraw.dot(GRAPH))
        .startsWith("digraph \"two ways\" {\n  rankdir=LR;\n")
        .contains("  n3 [shape=box, label=\"a \\\"b\\\" <c>\\nPass\"];\n")
        .contains("  n2 -> n6 [label=\"dead letters\", style=dashed];\n")
        .endsWith("}\n");
  }

  /// A comb: each node leads to the next and to a leaf.
  @Test
  void aBranchInABranchInABranchDoesNotGrowToTheRightForEver() {
    var nodes = new StringBuilder();
    var edges = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      nodes.append("  - {id: n%d, type: Pass}\n  - {id: leaf%d, type: Keep}\n".formatted(i, i));
      edges.append("  - {from: n%d, to: leaf%d}\n".formatted(i, i));
      if (i > 0) {
        edges.append("  - {from: n%d, to: n%d}\n".formatted(i - 1, i));
      }
    }
    var text = GraphDraw.text(Types.graph("nodes:\n" + nodes + "edges:\n" + edges));

    assertThat(text.lines()).allMatch(line -> line.length() < 150);
    assertThat(text.lines().filter(line -> line.contains(" (Pass)"))).hasSize(200);
    assertThat(text.lines().filter(line -> line.contains(" (Keep)"))).hasSize(200);
  }
}
