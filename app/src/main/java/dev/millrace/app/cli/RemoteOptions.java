package dev.millrace.app.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What every command that talks to a running server takes: where it is, who we are, whom to trust.
///
/// A token never stands on the command line, where every user of the machine could read it.
final class RemoteOptions {
  static final String TOKEN_VARIABLE = "MILLRACE_TOKEN";

  private static final int MAX_TOKEN_BYTES = 16 << 10;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "URL",
      description = "The server, such as http://127.0.0.1:8080.")
  private String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "A file with the token to show; else $" + TOKEN_VARIABLE + " is taken.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "PEM certificates to trust in place of the public ones.")
  private @Nullable Path certificates;

  /// The server these options mean; nothing is sent yet.
  RemoteServer server() throws ExitException {
    var address = address(url);
    var token = token(System.getenv());
    if (token != null && address.getScheme().equals("http") && !isLoopback(address.getHost())) {
      spec.commandLine()
          .getErr()
          .println("warning: the token goes to " + address.getHost() + " unencrypted; use https.");
    }
    return new RemoteServer(
        address, token, certificates == null ? null : TrustedCertificates.only(certificates));
  }

  /// @throws ParameterException without repeating what may hold a password
  private URI address(String text) {
    URI parsed;
    try {
      parsed = new URI(text.replaceAll("/+$", ""));
    } catch (URISyntaxException broken) {
      throw misuse("the URL cannot be read; write it like http://127.0.0.1:8080.");
    }
    if (parsed.getRawUserInfo() != null) {
      throw misuse("the URL holds credentials; put a token into a file and name --token-file.");
    }
    boolean web = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
    if (!web || parsed.getHost() == null) {
      throw misuse("the URL needs a scheme and a host, like http://127.0.0.1:8080.");
    }
    if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
      throw misuse("the URL ends with the server's address, without ? or #.");
    }
    return parsed;
  }

  /// The token of the file, or else of the environment, or null. No message repeats any of it.
  @Nullable String token(Map<String, String> environment) throws ExitException {
    var where = tokenFile == null ? "$" + TOKEN_VARIABLE : tokenFile.toString();
    var token = tokenFile == null ? environment.get(TOKEN_VARIABLE) : read(tokenFile);
    if (token == null) {
      return null;
    }
    var stripped = token.strip();
    if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new ExitException(
          ExitCode.USAGE,
          "error: there is no token in "
              + where
              + "\n    fix It holds one word of plain characters and nothing else.");
    }
    return stripped;
  }

  private static String read(Path file) throws ExitException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_TOKEN_BYTES), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new ExitException(
          ExitCode.USAGE,
          "error: the token file " + file + " cannot be read\n    fix Name a readable file.",
          unreadable);
    }
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private ParameterException misuse(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
