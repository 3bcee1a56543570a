package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.test.CaseResult;
import dev.millrace.engine.graph.test.GraphCase;
import dev.millrace.engine.graph.test.GraphTests;
import dev.millrace.engine.pipeline.OneShot;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph test`: runs the cases in a graph's document and in the file beside it.
@Command(
    name = "test",
    description =
        "Runs the tests in a graph and in FILE.tests.yaml beside it; exit 1 on a failure.",
    footer = {"", "Beside tone.yaml the tests may stand in tone.tests.yaml or tone.tests.json."})
final class GraphTest implements Callable<Integer> {
  private static final List<String> BESIDE = List.of(".tests.yaml", ".tests.yml", ".tests.json");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Option(names = "--json", description = "Prints the results as JSON.")
  private boolean json;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where relative paths in the graph start; this folder by default.")
  private Path dataDirectory = Path.of("");

  @Override
  public Integer call() throws ExitException, InterruptedException {
    var err = spec.commandLine().getErr();
    var out = spec.commandLine().getOut();
    var named = new GraphFile(file, Extensions.services().catalogue());
    var sound = named.sound(err);
    var cases = cases(named.path(), sound);
    if (cases.isEmpty()) {
      throw new ExitException(
          ExitCode.FAILED,
          "error: "
              + file
              + " has no tests\n    fix Add tests: [{name: …, targets: {NODE: {count: 1}}}].");
    }
    List<CaseResult> results;
    try (var bench = Workbench.in(dataDirectory)) {
      var runner = OneShot.runner(bench.clock(), bench.services(), OneShot.Limits.DEFAULT);
      results = GraphTests.run(sound.graph(), cases, runner);
    }
    if (json) {
      out.println(toJson(results));
    } else {
      table(results, out);
    }
    return (results.stream().allMatch(CaseResult::passed) ? ExitCode.OK : ExitCode.FAILED).code();
  }

  private static List<GraphCase> cases(Path path, GraphFile.Sound sound) throws ExitException {
    var problems = new Problems();
    var cases = new ArrayList<>(GraphTests.read(sound.document(), sound.graph(), problems));
    var name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    for (var ending : BESIDE) {
      var beside = path.resolveSibling((dot < 1 ? name : name.substring(0, dot)) + ending);
      if (Files.exists(beside)) {
        GraphFile.document(beside, problems)
            .ifPresent(tree -> cases.addAll(GraphTests.read(tree, sound.graph(), problems)));
      }
    }
    if (problems.hasErrors()) {
      throw GraphFile.refused(problems);
    }
    return cases;
  }

  private static void table(List<CaseResult> results, PrintWriter out) {
    for (var result : results) {
      var one = result.testCase();
      out.println(
          (result.passed() ? "ok    " : "FAIL  ")
              + one.name()
              + (result.passed() ? "" : "  (" + one.location() + ")"));
      result.failures().forEach(failure -> out.println("        " + failure));
    }
    long failed = results.stream().filter(result -> !result.passed()).count();
    out.println();
    out.println(
        Messages.count(results.size() - failed, "test")
            + " passed"
            + (failed == 0 ? "." : ", " + Messages.number(failed) + " failed."));
  }

  private static String toJson(List<CaseResult> results) {
    var json = Json.mapper().createObjectNode();
    json.put("ok", results.stream().allMatch(CaseResult::passed));
    var list = json.putArray("tests");
    for (var result : results) {
      var one = list.addObject();
      one.put("name", result.testCase().name()).put("passed", result.passed());
      one.put("at", result.testCase().location().toString());
      var failures = one.putArray("failures");
      result.failures().forEach(failures::add);
    }
    return json.toString();
  }
}
