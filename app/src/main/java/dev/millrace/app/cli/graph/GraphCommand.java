package dev.millrace.app.cli.graph;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `millrace graph`: the table of its commands.
@Command(
    name = "graph",
    description = "Checks, runs, tests, draws one graph without a server: graph check | run | ….",
    subcommands = {
      GraphCheck.class,
      GraphRun.class,
      GraphTest.class,
      GraphEchoed.class,
      GraphDrawn.class,
      GraphNodes.class,
      GraphPool.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "FILE is a graph (JSON or YAML), or a millrace.yaml with one pipeline;",
      "FILE#name is the pipeline of that name.",
      "Example: millrace graph run tone.yaml --once --triggers 3 --collect gain"
    })
public final class GraphCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
