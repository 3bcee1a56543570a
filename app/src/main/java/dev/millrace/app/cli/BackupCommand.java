package dev.millrace.app.cli;

import dev.millrace.control.data.Archive;
import dev.millrace.control.data.Durable;
import dev.millrace.control.data.Manifest;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `millrace backup`: a consistent copy of what a running server has stored, in one file.
@Command(
    name = "backup",
    description = "Takes a backup of a running server's data, without stopping it.",
    footer = {
      "",
      "The file is checked before it gets its name. Restore it with: millrace restore.",
      "Example: millrace backup http://127.0.0.1:8080 --out monday.zip"
    })
final class BackupCommand implements Callable<Integer> {
  private static final String ROUTE = "/api/v1/admin/backup";
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(60); // with a silent download

  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to put the backup, a ZIP archive.")
  private Path out = Path.of(""); // required: set before the command is called

  @Option(names = "--force", description = "Replaces FILE if it exists.")
  private boolean force;

  @Override
  public Integer call() throws ExitException, InterruptedException {
    refuseToOverwrite();
    var part = out.resolveSibling(out.getFileName() + ".part");
    try {
      var manifest = receive(part);
      refuseToOverwrite(); // it may have come in the meantime
      Durable.rename(part, out);
      report(manifest);
      return ExitCode.OK.code();
    } catch (IOException failure) {
      throw new ExitException(
          ExitCode.FAILED,
          "error: the backup could not be received: "
              + Messages.printable(failure.toString())
              + "\n    fix Look after the disk and the connection, and take it again.",
          failure);
    } finally {
      deleteLeftover(part);
    }
  }

  private Manifest receive(Path part) throws ExitException, InterruptedException, IOException {
    try (var server = remote.server();
        var line = ProgressLine.onTerminal(spec.commandLine().getOut())) {
      download(server, part, line);
      line.show("checking what was received");
      return verified(part);
    }
  }

  private void download(RemoteServer server, Path part, ProgressLine line)
      throws ExitException, InterruptedException, IOException {
    var begun = server.post(ROUTE);
    var id = begun.body().path("state").path("id").asString("");
    if (begun.status() / 100 != 2 || !id.matches("[A-Za-z0-9-]{1,64}")) {
      throw server.refusal(begun);
    }
    while (true) {
      switch (server.fetch(ROUTE + "/" + id)) {
        case RemoteServer.Answer.Streaming(var status, var length, var body) -> {
          new Download(PATIENCE)
              .receive(body, part, bytes -> line.show("receiving: " + size(bytes) + of(length)));
          return;
        }
        case RemoteServer.Answer.Whole waiting when waiting.status() == 202 -> {
          int permille = waiting.body().path("state").path("permille").asInt(0);
          line.show("the server writes the backup: " + permille / 10 + " %");
          Thread.sleep(BETWEEN_QUESTIONS);
        }
        case RemoteServer.Answer.Whole failed -> throw server.refusal(failed);
      }
    }
  }

  private static Manifest verified(Path part) throws ExitException {
    try (var archive = Archive.open(part)) {
      archive.verify();
      return archive.manifest();
    } catch (ProblemException damaged) {
      throw new ExitException(ExitCode.FAILED, String.valueOf(damaged.getMessage()), damaged);
    }
  }

  private void refuseToOverwrite() throws ExitException {
    if (!force && Files.exists(out)) {
      throw new ExitException(
          ExitCode.FAILED,
          "error: " + out + " exists\n    fix Name another file, or add --force to replace it.");
    }
  }

  private void report(Manifest manifest) {
    var terminal = spec.commandLine().getOut();
    terminal.println(
        out
            + ": "
            + Messages.count(manifest.files().size(), "file")
            + ", "
            + size(manifest.bytes())
            + " unpacked, of "
            + manifest.created());
    manifest
        .leftOut()
        .forEach(one -> terminal.println("  left out " + one.name() + ": " + one.reason()));
  }

  private void deleteLeftover(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException failure) {
      spec.commandLine().getErr().println("warning: " + part + " is left: " + failure);
    }
  }

  private static String of(long length) {
    return length < 0 ? "" : " of " + size(length);
  }

  private static String size(long bytes) {
    return bytes < 1 << 20
        ? Messages.number(Math.ceilDiv(bytes, 1L << 10)) + " KiB"
        : Messages.number(Math.ceilDiv(bytes, 1L << 20)) + " MiB";
  }
}
