package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.DurationConverter;
import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.app.cli.Messages;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.TriggeredSource;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.pipeline.Checkpoints;
import dev.millrace.engine.pipeline.OneShot;
import dev.millrace.signals.control.TriggerSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace graph run`: a graph without a server, streaming or once. Trigger `i` has the sequence
/// `i` and the timestamp `i × interval`.
@Command(
    name = "run",
    description = "Runs one graph without a server; Ctrl-C drains.",
    footer = {
      "",
      "What is collected is one frame per line; it goes to FILE, or else to standard output.",
      "A graph with checkpoints goes on where the run before it was cut off or drained.",
      "Example: millrace graph run tone.yaml --once --triggers 3 --collect gain",
      "         millrace graph run tone.yaml --interval-ms 10 --for 5s --report"
    })
final class GraphRun implements Callable<Integer> {
  private static final int MOST_AT_ONCE = 1_000_000; // a run at once is held in memory

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A graph, or a configuration's FILE#pipeline.")
  private String file = "";

  @Option(names = "--once", description = "Runs node after node on one thread, then ends.")
  private boolean once;

  @Option(
      names = "--triggers",
      paramLabel = "N",
      description =
          "Triggers in all. By default 1, with --interval-ms no end, and 0 if a clock in the graph"
              + " makes its own.")
  private @Nullable Long triggers;

  @Option(names = "--interval-ms", paramLabel = "M", description = "From trigger to trigger.")
  private long intervalMillis;

  @Option(names = "--collect", paramLabel = "NODE", description = "Whose frames to write.")
  private @Nullable String collect;

  @Option(names = "--out", paramLabel = "FILE", description = "Where to write them.")
  private @Nullable Path target;

  @Option(names = "--report", description = "Prints what each node has counted.")
  private boolean report;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "Drains by itself after, say, 30s.",
      converter = DurationConverter.class)
  private @Nullable Duration duration;

  @Option(
      names = "--fresh",
      description = "Begins anew where the graph has checkpoints to go on from.")
  private boolean fresh;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where relative paths in the graph start; this folder by default.")
  private Path dataDirectory = Path.of("");

  @Override
  public Integer call() throws ExitException, InterruptedException {
    refuseNonsense();
    var sound =
        new GraphFile(file, Extensions.services().catalogue()).sound(spec.commandLine().getErr());
    var node = collected(sound.graph());
    try (var bench = Workbench.in(dataDirectory)) {
      return (once ? atOnce(sound, bench) : streaming(sound, node, bench)).code();
    } catch (ProblemException problem) {
      throw new ExitException(ExitCode.FAILED, String.valueOf(problem.getMessage()), problem);
    }
  }

  /// Whether some node of the graph takes triggers.
  static boolean takesTriggers(Graph graph) {
    return graph.nodes().stream().anyMatch(node -> graph.isEntry(node) || isTriggered(node));
  }

  static boolean isTriggered(GraphNode node) {
    return node.isSource() && node.fresh().get() instanceof TriggeredSource;
  }

  /// `0.012 s`.
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f s", seconds);
  }

  private void refuseNonsense() {
    if (intervalMillis < 0 || (triggers != null && triggers < 0)) {
      throw misuse("--triggers and --interval-ms are not negative.");
    }
    if (once && triggers != null && triggers > MOST_AT_ONCE) {
      throw misuse("--once holds all frames in memory: at most " + MOST_AT_ONCE + " triggers.");
    }
    if (once && (duration != null || fresh)) {
      throw misuse("--for and --fresh are for a streaming run: leave out --once.");
    }
    if (target != null && collect == null) {
      throw misuse("--out says where frames go: it needs --collect NODE.");
    }
  }

  private CommandLine.ParameterException misuse(String sentence) {
    return new CommandLine.ParameterException(spec.commandLine(), sentence);
  }

  private Optional<GraphNode> collected(Graph graph) throws ExitException {
    if (collect == null) {
      return Optional.empty();
    }
    var node = graph.find(collect);
    if (node.isEmpty()) {
      var ids = graph.nodes().stream().map(GraphNode::id).toList();
      throw new ExitException(
          ExitCode.USAGE,
          "error: the graph has no node "
              + collect
              + "\n    fix "
              + Suggestion.closest(collect, ids)
                  .map(near -> "Did you mean " + near + "?")
                  .orElse("Name one of " + ids + "."));
    }
    return node;
  }

  private ExitCode atOnce(GraphFile.Sound sound, Workbench bench)
      throws ExitException, ProblemException, InterruptedException {
    long start = System.nanoTime();
    long count = triggers == null ? 1 : triggers;
    var frames = LongStream.range(0, count).mapToObj(this::frame).toList();
    var run =
        new OneShot(
            sound.name(), sound.graph(), bench.clock(), bench.services(), OneShot.Limits.DEFAULT);
    var result = run.execute(frames, collect == null ? Set.of() : Set.of(collect));
    double seconds = (System.nanoTime() - start) / 1e9;
    write(collect == null ? List.of() : result.frames().getOrDefault(collect, List.of()));
    print(result.report());
    var failure = result.failure();
    if (failure != null) {
      spec.commandLine().getErr().println("error: " + failure.getMessage());
      return ExitCode.FAILED;
    }
    spec.commandLine()
        .getErr()
        .println(
            sound.name()
                + ": "
                + Messages.count(count, "trigger")
                + " through "
                + Messages.count(sound.graph().nodes().size(), "node")
                + " in "
                + seconds(seconds));
    return ExitCode.OK;
  }

  private ExitCode streaming(GraphFile.Sound sound, Optional<GraphNode> node, Workbench bench)
      throws ExitException, ProblemException, InterruptedException {
    var checkpoints = fresh ? Checkpoints.ANEW : Checkpoints.CONTINUE;
    try (var out = writer();
        var run = new StreamingRun(sound, node, bench, checkpoints, out)) {
      var end = run.go(feed(sound.graph()), duration, spec.commandLine().getErr());
      print(end.report());
      spec.commandLine().getErr().println(end.sentence());
      return end.code();
    }
  }

  private void print(String counts) {
    if (report) {
      spec.commandLine().getOut().print(counts);
      spec.commandLine().getOut().flush();
    }
  }

  /// What goes into a graph. One that has a source runs until that ends, unless all of them take
  /// triggers, too, and it was said how many there are.
  private StreamingRun.Feed feed(Graph graph) {
    boolean waits = graph.nodes().stream().anyMatch(node -> graph.isEntry(node) || isManual(node));
    long most = triggers != null ? triggers : intervalMillis > 0 ? Long.MAX_VALUE : waits ? 1 : 0;
    boolean endsRun =
        graph.nodes().stream()
            .filter(GraphNode::isSource)
            .allMatch(triggers == null ? GraphRun::isManual : GraphRun::isTriggered);
    return new StreamingRun.Feed(
        takesTriggers(graph) ? most : 0, this::frame, intervalMillis, endsRun);
  }

  /// Whether a source makes nothing of its own.
  private static boolean isManual(GraphNode node) {
    return node.config() instanceof TriggerSource.Config config
        && config.mode() == TriggerSource.Mode.MANUAL;
  }

  private Frame frame(long number) {
    return Frame.trigger(number * intervalMillis * 1_000, number);
  }

  private void write(List<Frame> frames) throws ExitException {
    try (var out = writer()) {
      for (var frame : frames) {
        out.write(frame);
      }
    }
  }

  private FrameWriter writer() throws ExitException {
    return new FrameWriter(target, spec.commandLine().getOut());
  }
}
