package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.test.GraphTests;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph check`: every problem of a graph and of the tests in it.
@Command(
    name = "check",
    description = "Reports every problem of a graph; exit 1 on errors.",
    footer = {"", "Example: millrace graph check tone.yaml --strict"})
final class GraphCheck implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Option(names = "--strict", description = "Warnings are errors.")
  private boolean strict;

  @Option(names = "--json", description = "Prints the problems as JSON.")
  private boolean json;

  @Override
  public Integer call() throws ExitException {
    var found = new Problems();
    var read = new GraphFile(file, Extensions.catalogue()).read(found);
    read.ifPresent(sound -> GraphTests.read(sound.document(), sound.graph(), found));
    var problems = strict ? found.strict() : found;
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(ProblemsJson.of(problems));
    } else {
      problems.all().forEach(spec.commandLine().getErr()::println);
      int errors = problems.errorCount();
      int warnings = problems.all().size() - errors;
      out.println(
          (errors == 0 ? "No errors" : Messages.count(errors, "error"))
              + (warnings <= 0 ? "" : ", " + Messages.count(warnings, "warning"))
              + read.map(
                      sound ->
                          "; "
                              + Messages.count(sound.graph().nodes().size(), "node")
                              + ", "
                              + Messages.count(sound.graph().edges().size(), "edge"))
                  .orElse("")
              + ".");
    }
    return (problems.hasErrors() ? ExitCode.FAILED : ExitCode.OK).code();
  }
}
