package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.core.json.Json;
import dev.millrace.engine.graph.GraphEcho;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph echo`: the document in one spelling.
@Command(name = "echo", description = "Prints the graph as JSON in one spelling, secrets masked.")
final class GraphEchoed implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Override
  public Integer call() throws ExitException {
    var catalogue = Extensions.catalogue();
    var sound = new GraphFile(file, catalogue).sound(spec.commandLine().getErr());
    var echo = GraphEcho.of(sound.document(), catalogue);
    spec.commandLine()
        .getOut()
        .println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(echo));
    return ExitCode.OK.code();
  }
}
