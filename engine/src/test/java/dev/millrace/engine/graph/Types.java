package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Palette;
import dev.millrace.core.node.Palette.Category;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Alias;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.NotWith;
import dev.millrace.core.spec.Range;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.Numbers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A catalogue with one type of each kind, and documents read with it.
public final class Types {
  private Types() {}

  record None() {}

  record Tone(
      @Default("440.0") @Range(min = 1e-9) @Alias("freq") double frequency,
      @Default("1024") @Range(min = 1) int frameSize) {}

  record Factor(
      @About("The factor.") @Default("1.0") @NotWith("gain_db") double gain,
      @Default("0.0") @NotWith("gain") @Hint(min = 0, max = 80, warns = false) double gainDb) {}

  enum Window {
    HANN,
    HAMMING
  }

  record Spectrum(
      @Default("hann") Window windowType,
      @Default("1000") @Hint(min = 20, max = 20_000) double cutoffHz) {}

  record Keeping(@Default("false") boolean terminal) {}

  private static final class Store implements DurableSink {
    @Override
    public OptionalLong committed(String stream) {
      return OptionalLong.empty();
    }

    @Override
    public void process(Frame frame, Outlet outlet) {}
  }

  public static final NodeCatalogue CATALOGUE =
      new NodeCatalogue(
          List.of(
              NodeType.source("Count", "", None.class, none -> new Numbers(3)),
              NodeType.source("TriggerSource", "", None.class, none -> new Numbers(3))
                  .shownAs(new Palette("Trigger", Category.SOURCES, null, DataType.TRIGGER)),
              NodeType.transform("SineGenerator", "", Tone.class, tone -> Each.passing())
                  .alsoCalled("Sine")
                  .shownAs(
                      new Palette(
                          "Sine", Category.SOURCES, DataType.TRIGGER, DataType.AUDIO_FRAME)),
              NodeType.transform("Gain", "Makes louder.", Factor.class, gain -> Each.passing())
                  .alsoCalled("GainNode")
                  .asStateless()
                  .shownAs(
                      new Palette(
                          "Gain", Category.PROCESSORS, DataType.AUDIO_FRAME, DataType.AUDIO_FRAME)),
              NodeType.transform("FFTNode", "", Spectrum.class, fft -> Each.passing())
                  .alsoCalled("FFT")
                  .shownAs(
                      new Palette(
                          "FFT", Category.PROCESSORS, DataType.AUDIO_FRAME, DataType.FFT_RESULT)),
              NodeType.transform("Merge", "", None.class, none -> Each.passing())
                  .shownAs(new Palette("Merge", Category.CONTROL, DataType.ANY, DataType.ANY)),
              NodeType.transform("Collect", "", Keeping.class, none -> Each.passing())
                  .shownAs(new Palette("Collect", Category.SINKS, DataType.ANY, DataType.ANY))
                  .terminalWhen(Keeping::terminal),
              NodeType.transform("Pass", "", None.class, none -> Each.passing()),
              NodeType.sink("Store", "", None.class, none -> new Store()),
              NodeType.sink("Keep", "", None.class, none -> new Collecting())));

  public static Optional<Graph> read(String document, Problems problems) {
    return tree(document, problems).flatMap(tree -> Graph.read(tree, CATALOGUE, problems));
  }

  public static Optional<Tree> tree(String document, Problems problems) {
    return GraphDocument.parse("g", document.getBytes(StandardCharsets.UTF_8), problems);
  }

  public static Graph graph(String document) {
    var problems = new Problems();
    return read(document, problems).orElseThrow(() -> new AssertionError(problems.toString()));
  }

  /// `CODE line pointer [nodes]`.
  static String brief(Problem problem) {
    return problem.code()
        + " "
        + problem.location().line()
        + " "
        + problem.location().pointer()
        + " "
        + problem.nodes();
  }
}
