package dev.millrace.app.cli;

import dev.millrace.app.cli.watch.Figures;
import dev.millrace.app.cli.watch.FiguresJson;
import dev.millrace.app.cli.watch.Sample;
import dev.millrace.app.cli.watch.TopPage;
import dev.millrace.control.log.Terminal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `millrace top`: what flows through the pipelines and topics of a running server, how fast, and
/// where it is held up.
@Command(
    name = "top",
    description = "Shows what flows through a running server, live: rates, errors, queues, times.",
    footer = {
      "",
      "Where standard output is no terminal, and with --once or --json, it shows one interval.",
      "Keys: q ends, up and down scroll.",
      "Example: millrace top http://127.0.0.1:8080"
    })
final class TopCommand implements Callable<Integer> {
  private static final int MOST_PIPELINES = 40; // asked for one by one
  private static final int MOST_BEHIND = 10;
  private static final int WIDTH = 140; // where nobody looks

  @Spec private CommandSpec spec;
  @Mixin private final RemoteOptions remote = new RemoteOptions();

  @Option(names = "--pipeline", paramLabel = "NAME", description = "Shows this one alone.")
  private @Nullable String pipeline;

  @Option(
      names = "--interval",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "1s",
      description = "How long rates are measured; 1s by default.")
  private Duration interval = Duration.ofSeconds(1);

  @Option(names = "--once", description = "Shows one interval and ends.")
  private boolean once;

  @Option(names = "--json", description = "Shows one interval as JSON and ends.")
  private boolean json;

  @Override
  public Integer call() throws ExitException, InterruptedException {
    if (interval.compareTo(Duration.ofMillis(100)) < 0
        || interval.compareTo(Duration.ofHours(1)) > 0) {
      throw new ParameterException(spec.commandLine(), "--interval is from 100ms to 1h.");
    }
    try (var server = remote.server()) {
      var first = sample(server);
      if (!once && !json && Terminal.isTerminal()) {
        var live = new TopLive(server.address().toString(), interval, () -> sample(server));
        if (live.show(first, spec.commandLine().getOut())) {
          return ExitCode.OK.code();
        }
      }
      Thread.sleep(interval);
      var figures = Figures.between(first, sample(server));
      var out = spec.commandLine().getOut();
      if (json) {
        out.println(FiguresJson.of(figures));
      } else {
        TopPage.lines(figures, WIDTH, false).forEach(out::println);
      }
      return ExitCode.OK.code();
    }
  }

  private Sample sample(RemoteServer server) throws ExitException, InterruptedException {
    var names = pipeline == null ? names(server) : List.of(pipeline);
    var pipelines = new ArrayList<JsonNode>();
    for (var name : names.subList(0, Math.min(names.size(), MOST_PIPELINES))) {
      var answer = server.get("/api/v1/pipelines/" + RemoteServer.encoded(name));
      boolean goneMeanwhile = answer.status() == 404 && pipeline == null;
      if (answer.status() == 200) {
        pipelines.add(answer.body());
      } else if (!goneMeanwhile) {
        throw server.refusal(answer);
      }
    }
    int more = Math.max(0, names.size() - MOST_PIPELINES);
    return pipeline == null
        ? withFeed(server, pipelines, more)
        : new Sample(System.nanoTime(), pipelines, more);
  }

  /// Topics are shown where the server tells of them.
  private static Sample withFeed(RemoteServer server, List<JsonNode> pipelines, int more)
      throws ExitException, InterruptedException {
    var sessions = new ArrayList<JsonNode>();
    var listed = server.get("/api/v1/sessions?limit=" + MOST_BEHIND);
    if (listed.status() == 200) {
      listed.body().path("sessions").forEach(sessions::add);
    }
    var stats = server.get("/stats");
    long now = System.nanoTime();
    return stats.status() == 200
        ? new Sample(now, pipelines, more, stats.body().path("data"), sessions)
        : new Sample(now, pipelines, more);
  }

  private static List<String> names(RemoteServer server)
      throws ExitException, InterruptedException {
    var answer = server.get("/api/v1/pipelines");
    if (answer.status() != 200 || !answer.body().path("pipelines").isArray()) {
      throw server.refusal(answer);
    }
    var names = new ArrayList<String>();
    answer.body().path("pipelines").forEach(one -> names.add(one.path("name").asString("")));
    return names;
  }
}
