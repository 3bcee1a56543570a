package dev.millrace.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `millrace health`: how a running server is, for people, scripts and container probes.
@Command(
    name = "health",
    description = "Asks a running server how it is.",
    footer = {
      "",
      "Exit codes: 0 healthy, 1 not, 69 unreachable.",
      "Example: millrace health http://127.0.0.1:8080"
    })
final class HealthCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Option(names = "--json", description = "Prints what the server says, as JSON.")
  private boolean json;

  @Override
  public Integer call() throws ExitException, InterruptedException {
    try (var server = remote.server()) {
      var answer = server.get("/health");
      var data = answer.body().path("data");
      boolean speaks = data.path("healthy").isBoolean();
      if (!speaks || (answer.status() != 200 && answer.status() != 503)) {
        throw server.refusal(answer);
      }
      boolean healthy = answer.status() == 200 && data.path("healthy").asBoolean();
      var out = spec.commandLine().getOut();
      if (json) {
        out.println(answer.body());
      } else {
        out.println(server.address() + " " + word(healthy));
        for (var component : data.path("components").properties()) {
          out.println("  " + line(component.getKey(), component.getValue()));
        }
      }
      return (healthy ? ExitCode.OK : ExitCode.FAILED).code();
    }
  }

  /// `store  unhealthy  state=Error`.
  private static String line(String name, JsonNode component) {
    var line = new StringBuilder(Messages.printable(name));
    line.append("  ").append(word(component.path("healthy").asBoolean(false)));
    for (var detail : component.properties()) {
      if (!detail.getKey().equals("healthy")) {
        var value = detail.getValue();
        line.append("  ")
            .append(Messages.printable(detail.getKey()))
            .append('=')
            .append(Messages.printable(value.isString() ? value.asString() : value.toString()));
      }
    }
    return line.toString();
  }

  private static String word(boolean healthy) {
    return healthy ? "healthy" : "unhealthy";
  }
}
