package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeDiffTest {
  private static final Spec<Config> SPEC = Spec.of(Config.class);

  record Server(
      @Default("127.0.0.1") @OnRestart String host,
      @Default("8080") @OnRestart int port,
      @Default("5s") Duration patience,
      @Nullable List<String> origins) {}

  record Pipeline(
      String name, @Nullable Tree graph, @Default("true") boolean autostart, @OnRestart Db db) {}

  record Db(@Default("a.db") String path, @Default("1") int writers) {}

  record Loose(@Default("0") int x, @Nullable Tree part) {}

  record Tls(String certFile, @Default("a") @OnRestart String protocol) {}

  record Config(
      Server server,
      @Nullable Tls tls,
      @OnRestart Db db,
      List<Pipeline> pipelines,
      List<Loose> loose,
      Map<String, String> levels,
      Map<String, Server> more,
      @Secret @Nullable String token) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a: 1 | {} |
          server: {port: 1} | server: {port: 2} | !server.port R
          {} | server: {port: 9} | +server.port R
          server: {port: 9} | {} | -server.port R
          {} | server: {port: 8080} |
          server: {patience: 5s} | server: {patience: 5000ms} |
          server: {patience: 5s} | server: {patience: 6s} | !server.patience
          server: {port: 1, host: h} | server:\\n  # words\\n  host: h\\n  port: 0x1 |
          server: {origins: [a, b]} | server: {origins: [b, a]} | !server.origins
          {} | server: {origins: []} | +server.origins
          {} | tls: {cert_file: c} | +tls
          tls: {cert_file: c} | {} | -tls
          tls: {cert_file: c} | tls: {cert_file: d} | !tls.cert_file
          tls: {cert_file: c} | tls: {cert_file: c, protocol: b} | +tls.protocol R
          {} | db: {writers: 2} | +db.writers R
          pipelines: [{name: a}, {name: b}] | pipelines: [{name: b}, {name: a}] |
          pipelines: [{name: a}] | pipelines: [{name: a}, {name: b}] | +pipelines[b]
          pipelines: [{name: a}, {name: b}] | pipelines: [{name: b}] | -pipelines[a]
          {} | pipelines: [{name: b}] | +pipelines[b]
          pipelines: [{name: a}] | {} | -pipelines[a]
          pipelines: [{name: a, graph: {x: 1}}] | pipelines: [{name: a, graph: {x: 2}}] | !pipelines[a].graph
          pipelines: [{name: a, graph: {x: 1, y: 2}}] | pipelines: [{graph: {y: 2, x: 1}, name: a}] |
          pipelines: [{name: a, graph: {n: [{id: 1}, {id: 2}]}}] | pipelines: [{name: a, graph: {n: [{id: 2}, {id: 1}]}}] |
          pipelines: [{name: a, graph: {n: [{id: 1}, {id: 2}]}}] | pipelines: [{name: a, graph: {n: [{id: 2}, {id: 3}]}}] | !pipelines[a].graph
          pipelines: [{name: a, graph: {n: [1, 2]}}] | pipelines: [{name: a, graph: {n: [2, 1]}}] | !pipelines[a].graph
          pipelines: [{name: a}] | pipelines: [{name: a, autostart: false}] | +pipelines[a].autostart
          pipelines: [{name: a}] | pipelines: [{name: a, db: {path: p}}] | +pipelines[a].db.path R
          loose: [{x: 1}, {x: 2}] | loose: [{x: 2}, {x: 1}] | !loose
          loose: [{x: 1, part: {a: 1}}] | loose:\\n\\n  - part: {a: 1}\\n    x: 1 |
          {} | loose: [{x: 1}] | +loose
          levels: {a: info} | levels: {a: warn} | !levels.a
          levels: {dev.x: info} | levels: {b: info} | +levels.b -levels[dev.x]
          more: {x: {port: 1}} | more: {x: {port: 2}} | !more.x.port R
          more: {} | more: {x: {port: 2}} | +more.x
          token: CANARY | token: CANARY2 | !token
          unknown: 1 | other: 2 |
          """)
  void differencesArePathsWithoutValues(String before, String after, @Nullable String expected) {
    var diff = TreeDiff.between(tree(before), tree(after), SPEC);
    var lines = new ArrayList<String>();
    diff.added().forEach(path -> lines.add("+" + path));
    diff.removed().forEach(path -> lines.add("-" + path));
    diff.changed().forEach(path -> lines.add("!" + path));
    if (!diff.onRestart().isEmpty()) {
      lines.add("R");
    }
    assertThat(String.join(" ", lines)).isEqualTo(expected == null ? "" : expected.strip());
    assertThat(diff.isEmpty()).isEqualTo(lines.isEmpty());
    assertThat(diff.toString()).doesNotContain("CANARY");
  }

  @Test
  void aNameThatIsASecretIsNotInAPath() {
    var location = dev.millrace.core.problem.Location.of("x");
    var named =
        tree("{}").with("name", Tree.Scalar.secret(location, "CANARY")).with("db", tree("{}"));
    var after = tree("{}").with("pipelines", new Tree.Sequence(location, List.of(named)));
    assertThat(TreeDiff.between(tree("{}"), after, SPEC).added()).containsExactly("pipelines[0]");
    assertThat(TreeDiff.between(after, tree("{}"), SPEC).removed()).containsExactly("pipelines[0]");
  }

  @Test
  void furtherChangesAreNotListedTwice() {
    var diff = TreeDiff.between(tree("levels: {a: x}"), tree("levels: {a: y, b: z}"), SPEC);
    assertThat(diff.withChanged(List.of("tls.cert_file", "levels.a", "levels.b")).changed())
        .containsExactly("levels.a", "tls.cert_file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          server: {port: 1} | server: {port: 2, patience: 1s} | server: {port: 1, patience: 1s}
          {} | server: {port: 2, patience: 1s} | server: {patience: 1s}
          server: {port: 1} | {} | server: {port: 1}
          db: {path: a} | {} | db: {path: a}
          {} | db: {path: a} | {}
          {} | server: {port: 2} | server: {}
          tls: {cert_file: a, protocol: p} | tls: {cert_file: b} | tls: {cert_file: b, protocol: p}
          {} | tls: {cert_file: b, protocol: q} | tls: {cert_file: b, protocol: q}
          tls: {cert_file: a} | {} | {}
          pipelines: [{name: a, db: {path: p}}] | pipelines: [{name: b}, {name: a}] | pipelines: [{name: b}, {name: a, db: {path: p}}]
          more: {x: {port: 1}} | more: {x: {port: 2}, y: {port: 3}} | more: {x: {port: 1}, y: {port: 3}}
          levels: {a: x} | levels: {b: y} | levels: {b: y}
          """)
  void whatWaitsForTheNextStartKeepsItsValue(String before, String after, String kept) {
    var result = RestartKeys.kept(tree(before), tree(after), SPEC);
    assertThat(Masked.written(result).toString()).isEqualTo(Masked.written(tree(kept)).toString());
  }

  /// Whatever is edited: keeping leaves no difference that waits, loses no other, and what is kept
  /// twice is kept once.
  @Test
  void keepingAndComparingAgree() {
    long seed = 20_261_121;
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var before = tree(config(random));
      var after = tree(config(random));
      var as = "seed " + seed + ", round " + round + ": " + before + " to " + after;
      var whole = TreeDiff.between(before, after, SPEC);
      var kept = RestartKeys.kept(before, after, SPEC);
      var live = TreeDiff.between(before, kept, SPEC);
      assertThat(live.onRestart()).as(as).isEmpty();
      assertThat(paths(live))
          .as(as)
          .containsExactlyInAnyOrderElementsOf(
              paths(whole).filter(path -> !whole.onRestart().contains(path.substring(1))).toList());
      assertThat(TreeDiff.between(kept, after, SPEC).onRestart())
          .as(as)
          .containsExactlyInAnyOrderElementsOf(whole.onRestart());
      assertThat(TreeDiff.between(after, after, SPEC).isEmpty()).as(as).isTrue();
      assertThat(RestartKeys.kept(before, kept, SPEC)).as(as).isEqualTo(kept);
    }
  }

  private static Stream<String> paths(TreeDiff diff) {
    return Stream.of(
            diff.added().stream().map(path -> "+" + path),
            diff.removed().stream().map(path -> "-" + path),
            diff.changed().stream().map(path -> "!" + path))
        .flatMap(some -> some);
  }

  private static String config(Random random) {
    var text = new StringBuilder("unused: 0\n");
    if (random.nextBoolean()) {
      text.append(
          (random.nextBoolean() ? "server: {port: %d, patience: %ds}\n" : "server: {port: %d}\n")
              .formatted(random.nextInt(3), random.nextInt(3)));
    }
    if (random.nextBoolean()) {
      text.append(
          "tls: {cert_file: c%d, protocol: p%d}\n".formatted(random.nextInt(2), random.nextInt(2)));
    }
    if (random.nextBoolean()) {
      text.append("db: {path: p%d}\n".formatted(random.nextInt(2)));
    }
    var names = new ArrayList<>(List.of("a", "b", "c"));
    java.util.Collections.shuffle(names, random);
    text.append("pipelines:\n");
    names
        .subList(0, random.nextInt(4))
        .forEach(
            name ->
                text.append(
                    "  - {name: %s, autostart: %s, db: {writers: %d}}\n"
                        .formatted(name, random.nextBoolean(), random.nextInt(2))));
    return text.append("levels: {l%d: v%d}\n".formatted(random.nextInt(2), random.nextInt(2)))
        .toString();
  }

  private static Tree.Mapping tree(String text) {
    var problems = new Problems();
    var bytes = text.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8);
    return (Tree.Mapping) Documents.parse("doc", bytes, problems).orElseThrow();
  }
}
