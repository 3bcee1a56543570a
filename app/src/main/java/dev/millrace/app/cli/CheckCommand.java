package dev.millrace.app.cli;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.app.server.Catalogue;
import dev.millrace.core.problem.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace check`: every problem of a configuration, without starting anything.
@Command(
    name = "check",
    description = "Reports every problem of a configuration and its graphs.",
    footer = {"", "Example: millrace check recipes/labels --strict"})
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A configuration, or a folder with millrace.yaml.")
  private Path file;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> assignments = List.of();

  @Option(names = "--strict", description = "Warnings are errors.")
  private boolean strict;

  @Override
  public Integer call() {
    var problems = new Problems();
    var reader =
        new ConfigReader(Catalogue.forChecking(), System.getenv(), assignments, Optional.empty());
    var settings = reader.read(ConfigFile.find(file), strict, problems);
    var out = spec.commandLine().getOut();
    problems.all().forEach(out::println);
    if (settings.isEmpty()) {
      out.println(Messages.count(problems.errorCount(), "error") + ".");
      return ExitCode.FAILED.code();
    }
    int warnings = settings.get().warnings().size();
    out.println(
        "No errors"
            + (warnings == 0 ? "" : ", " + Messages.count(warnings, "warning"))
            + "; "
            + Messages.count(settings.get().graphs().size(), "pipeline")
            + ".");
    return ExitCode.OK.code();
  }
}
