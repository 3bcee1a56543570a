package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.engine.graph.GraphDraw;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph draw`: a picture of a graph.
@Command(
    name = "draw",
    description = "Draws the graph.",
    footer = {"", "Example: millrace graph draw tone.yaml --format dot | dot -Tsvg > tone.svg"})
final class GraphDrawn implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; text is for terminals and the default.")
  private Format format = Format.text;

  /// The languages of pictures, spelt as users write them.
  enum Format {
    text,
    mermaid,
    dot
  }

  @Override
  public Integer call() throws ExitException {
    var file = new GraphFile(this.file, Extensions.catalogue());
    var graph = file.sound(spec.commandLine().getErr()).graph();
    spec.commandLine()
        .getOut()
        .print(
            switch (format) {
              case text -> GraphDraw.text(graph);
              case mermaid -> GraphDraw.mermaid(graph);
              case dot -> GraphDraw.dot(graph);
            });
    spec.commandLine().getOut().flush();
    return ExitCode.OK.code();
  }
}
