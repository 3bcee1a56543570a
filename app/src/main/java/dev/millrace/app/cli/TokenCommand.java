package dev.millrace.app.cli;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Role;
import dev.millrace.core.spec.Durations;
import dev.millrace.core.time.SystemClock;
import dev.millrace.gateway.auth.TokenMint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `millrace token`: what concerns tokens; `token mint` makes one.
@Command(
    name = "token",
    description = "Makes tokens for clients and operators.",
    subcommands = TokenCommand.Mint.class)
final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// `millrace token mint`: a JSON web token that a server with the same configuration accepts. The
  /// token and nothing else goes to standard output, so that it can be put into a file.
  @Command(
      name = "mint",
      description = "Prints a token, signed with the secret of a configuration.",
      footer = {
        "",
        "Example: millrace token mint --config millrace.yaml --role viewer --sub grafana > token"
      })
  static final class Mint implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        required = true,
        description = "The configuration of the server, or the folder with its millrace.yaml.")
    private Path config = Path.of(""); // required: set before the command is called

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key.")
    private List<String> assignments = List.of();

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description =
            "viewer, publisher, operator or admin; without it the token opens only what clients"
                + " use.")
    private @Nullable Role role;

    @Option(
        names = "--sub",
        paramLabel = "NAME",
        required = true,
        description = "Whose token it is; it stands in logs and in the audit trail.")
    private String subject = ""; // required: set before the command is called

    @Option(
        names = "--ttl",
        paramLabel = "DURATION",
        description = "How long it is valid; 24h by default.",
        converter = Ttl.class)
    private Duration ttl = Duration.ofHours(24);

    @Override
    public Integer call() throws ExitException {
      if (subject.isBlank()) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--sub needs a name: whose token it is.");
      }
      var problems = new Problems();
      var input = new ConfigReader.Input(System.getenv(), assignments, Optional.empty(), false);
      var loaded =
          new ConfigReader(Extensions.catalogue(), ConfigFile.find(config), input).load(problems);
      if (loaded.isEmpty()) {
        throw new ExitException(
            ExitCode.BAD_CONFIGURATION,
            problems + Messages.count(problems.errorCount(), "error") + "; no token was made.");
      }
      try (var clock = new SystemClock()) {
        var jwt = loaded.get().config().config().auth().jwt();
        spec.commandLine().getOut().println(TokenMint.mint(jwt, role, subject, ttl, clock));
        return ExitCode.OK.code();
      } catch (ProblemException refused) {
        throw new ExitException(
            ExitCode.BAD_CONFIGURATION, String.valueOf(refused.getMessage()), refused);
      }
    }
  }

  /// `15m`, `24h`, `30d`; a second or more.
  static final class Ttl implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return Durations.parse(text)
          .filter(ttl -> ttl.toSeconds() >= 1)
          .orElseThrow(
              () ->
                  new CommandLine.TypeConversionException(
                      "write a duration of a second or more, such as 15m or 24h, not " + text));
    }
  }
}
