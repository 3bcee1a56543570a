package dev.millrace.app.cli;

import dev.millrace.control.data.Restore;
import dev.millrace.core.problem.ProblemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace restore`: a data directory out of a backup.
@Command(
    name = "restore",
    description = "Makes a data directory out of a backup, never over an existing one.",
    footer = {"", "Example: millrace restore monday.zip --data-dir restored"})
final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "What millrace backup has written.")
  private Path file;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      required = true,
      description = "The folder to make; if it exists it must be empty.")
  private Path dataDir = Path.of(""); // required: set before the command is called

  @Override
  public Integer call() throws ExitException {
    try {
      var manifest = Restore.restore(file, dataDir);
      var out = spec.commandLine().getOut();
      out.println(
          dataDir
              + ": "
              + Messages.count(manifest.files().size(), "file")
              + " as of "
              + manifest.created()
              + ", written by Millrace "
              + manifest.version());
      manifest
          .leftOut()
          .forEach(one -> out.println("  not in the backup: " + one.name() + ": " + one.reason()));
      out.println("Serve it with: millrace run --set server.data_dir=" + dataDir);
      return ExitCode.OK.code();
    } catch (ProblemException refused) {
      boolean occupied = refused.problem().code().equals(Restore.OCCUPIED);
      throw new ExitException(
          occupied ? ExitCode.IN_USE : ExitCode.FAILED,
          String.valueOf(refused.getMessage()),
          refused);
    }
  }
}
