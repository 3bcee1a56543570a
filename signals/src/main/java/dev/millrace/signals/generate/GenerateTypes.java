package dev.millrace.signals.generate;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;
import java.util.function.Function;

/// The node types of this package.
public final class GenerateTypes {
  public static final NodeType<SineWave.Config> SINE =
      generator(
              "SineGenerator",
              "Sine Generator",
              "Puts one frame of a sine into each frame that comes in.",
              SineWave.Config.class,
              config -> new Generator(new SineWave(config), config.shape()))
          .alsoCalled("sinegenerator");

  public static final NodeType<NoiseWave.Config> NOISE =
      generator(
              "Noise",
              "Noise",
              "Puts one frame of white noise into each frame that comes in; the same each time.",
              NoiseWave.Config.class,
              config -> new Generator(new NoiseWave(config), config.shape()))
          .alsoCalled("noise");

  public static final NodeType<ChirpWave.Config> CHIRP =
      generator(
              "Chirp",
              "Chirp",
              "Puts one frame of a sine with a moving frequency into each frame that comes in.",
              ChirpWave.Config.class,
              config -> new Generator(new ChirpWave(config), config.shape()))
          .alsoCalled("chirp");

  public static final NodeType<SquareWave.Config> SQUARE =
      generator(
              "Square",
              "Square",
              "Puts one frame of a square wave into each frame that comes in.",
              SquareWave.Config.class,
              config -> new Generator(new SquareWave(config), config.shape()))
          .alsoCalled("square");

  public static final NodeType<TriangleWave.Config> TRIANGLE =
      generator(
              "Triangle",
              "Triangle",
              "Puts one frame of a triangle wave into each frame that comes in.",
              TriangleWave.Config.class,
              config -> new Generator(new TriangleWave(config), config.shape()))
          .alsoCalled("triangle");

  public static final NodeType<ImpulseTrain.Config> IMPULSE =
      generator(
              "Impulse",
              "Impulse",
              "Puts zeros with an impulse now and then into each frame that comes in.",
              ImpulseTrain.Config.class,
              config -> new Generator(new ImpulseTrain(config), config.shape()))
          .alsoCalled("impulse");

  public static final List<NodeType<?>> ALL =
      List.of(SINE, NOISE, CHIRP, SQUARE, TRIANGLE, IMPULSE);

  private GenerateTypes() {}

  /// A source to whoever draws graphs, and to the engine a transform of triggers.
  private static <S extends Record> NodeType<S> generator(
      String name, String title, String summary, Class<S> config, Function<S, Generator> make) {
    return NodeType.transform(name, summary, config, make::apply)
        .shownAs(
            new Palette(title, Palette.Category.SOURCES, DataType.TRIGGER, DataType.AUDIO_FRAME));
  }
}
