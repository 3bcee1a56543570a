package dev.millrace.bench.graph;

import dev.millrace.bench.jmh.JmhOptions;
import dev.millrace.bench.jmh.JmhRun;
import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

/// `bench graph` on the command line.
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    description =
        "What the graph engine does beside its peers: frames per second through fused stages and"
            + " through queues, with samples, the latency at a fixed rate, and the largest graph."
            + " Each question checks its answer.",
    footer = {
      "",
      "Questions: fused, queued, samples, latency, validation.",
      "",
      "Examples:",
      "  millrace bench graph                    all of them, about three minutes",
      "  millrace bench graph --only queued",
      "  millrace bench graph --forks 3 --json",
      "  millrace bench graph --smoke            small and quick"
    })
public final class GraphCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private JmhOptions options;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Ask this question alone; repeatable.")
  private List<String> only = List.of();

  @Option(
      names = "--min-ratio",
      paramLabel = "X",
      description = "Fail when the engine passes less than X times the frames of Pekko Streams.")
  private @Nullable Double minRatio;

  @Option(names = "--bars", description = "Fail when a figure misses its bar.")
  private boolean failing;

  /// For picocli, which fills in the rest.
  @SuppressWarnings("NullAway.Init")
  public GraphCommand() {}

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    var run = new JmhRun(options);
    var document = run.document("graph");
    var told = document.putArray("questions");
    var out = command.commandLine().getOut();
    var bars = new ArrayList<Bar>();
    if (!options.json()) {
      out.println(Machine.current());
    }
    for (var question : asked()) {
      var answer = question.measurement().answer(run, options.smoke());
      if (answer instanceof Answer.Measured measured) {
        bars.addAll(measured.bars());
      }
      if (options.json()) {
        tell(question, answer, told);
      } else {
        print(question, answer, out);
      }
    }
    if (options.json()) {
      out.println(document.toPrettyString());
    }
    out.flush();
    var missed = bars.stream().filter(this::isMissed).toList();
    missed.forEach(bar -> command.commandLine().getErr().println("failed: " + bar));
    return missed.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private List<Question> asked() {
    var all = Question.all();
    var names = all.stream().map(Question::name).toList();
    for (var name : only) {
      if (!names.contains(name)) {
        throw new ParameterException(
            command.commandLine(),
            "--only " + name + " is no question; there are " + String.join(", ", names));
      }
    }
    return all.stream().filter(one -> only.isEmpty() || only.contains(one.name())).toList();
  }

  private boolean isMissed(Bar bar) {
    if (minRatio != null && bar.what().equals(Throughput.TO_PEKKO) && bar.value() < minRatio) {
      return true;
    }
    return failing && !bar.met();
  }

  private static void print(Question question, Answer answer, PrintWriter out) {
    out.println();
    out.println(question.name() + ": " + question.title());
    switch (answer) {
      case Answer.Measured(var table, var _, var bars) -> {
        out.print(table);
        bars.forEach(out::println);
      }
      case Answer.Skipped(var why) -> out.println("skipped: " + why);
    }
    out.flush();
  }

  private static void tell(Question question, Answer answer, ArrayNode told) {
    var line = told.addObject().put("name", question.name()).put("title", question.title());
    switch (answer) {
      case Answer.Measured(var _, var figures, var bars) -> {
        line.set("figures", figures);
        Bar.list(bars, line.putArray("bars"));
      }
      case Answer.Skipped(var why) -> line.put("skipped", why);
    }
  }
}
