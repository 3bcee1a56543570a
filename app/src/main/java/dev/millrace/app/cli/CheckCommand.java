package dev.millrace.app.cli;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.app.config.MillraceConfig;
import dev.millrace.app.server.Doors;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace check`: every problem of a configuration, without starting anything.
@Command(
    name = "check",
    description = "Reports every problem of a configuration and its graphs.",
    footer = {
      "",
      "Example: millrace check recipes/labels --strict",
      "         millrace check --schema > millrace.schema.json"
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "A configuration, or a folder with millrace.yaml.")
  private @Nullable Path file;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
  private List<String> assignments = List.of();

  @Option(names = "--strict", description = "Warnings are errors.")
  private boolean strict;

  @Option(
      names = "--schema",
      description = "Prints the JSON Schema of millrace.yaml, for editors, and checks nothing.")
  private boolean schema;

  @Override
  public Integer call() throws ExitException {
    if (schema) {
      spec.commandLine().getOut().println(schemaText());
      return ExitCode.OK.code();
    }
    if (file == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Missing required parameter: 'FILE'");
    }
    var problems = new Problems();
    var input = new ConfigReader.Input(System.getenv(), assignments, Optional.empty(), strict);
    var loaded =
        new ConfigReader(Extensions.catalogue(), ConfigFile.find(file), input).load(problems);
    loaded.ifPresent(sound -> Doors.check(sound.config(), problems));
    var out = spec.commandLine().getOut();
    problems.all().forEach(out::println);
    if (loaded.isEmpty() || problems.hasErrors()) {
      out.println(Messages.count(problems.errorCount(), "error") + ".");
      return ExitCode.FAILED.code();
    }
    int warnings = problems.all().size();
    out.println(
        "No errors"
            + (warnings == 0 ? "" : ", " + Messages.count(warnings, "warning"))
            + "; "
            + Messages.count(loaded.get().config().graphs().size(), "pipeline")
            + ".");
    return ExitCode.OK.code();
  }

  private static String schemaText() {
    return Json.mapper()
        .writerWithDefaultPrettyPrinter()
        .writeValueAsString(
            dev.millrace.core.spec.Spec.of(MillraceConfig.class)
                .schema()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "millrace.yaml"));
  }
}
