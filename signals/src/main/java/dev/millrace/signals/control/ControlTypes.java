package dev.millrace.signals.control;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;

/// The node types of this package.
public final class ControlTypes {
  public static final NodeType<TriggerSource.Config> TRIGGER_SOURCE =
      NodeType.source(
              "TriggerSourceNode",
              "Makes empty frames at intervals, and hands on triggers from outside.",
              TriggerSource.Config.class,
              TriggerSource::new)
          .alsoCalled("TriggerSource", "triggersourcenode", "trigger_source")
          .shownAs(new Palette("Trigger Source", Palette.Category.SOURCES, null, DataType.TRIGGER));

  public static final NodeType<Router.Config> ROUTER =
      NodeType.transform(
              "Router",
              "Sends each frame to the branch true or false, as a number about it compares.",
              Router.Config.class,
              Router::new)
          .alsoCalled("router")
          .asStateless()
          .branchingInto(Router.TRUE, Router.FALSE)
          .shownAs(control("Router", DataType.ANY));

  public static final NodeType<Merge.Config> MERGE =
      NodeType.transform(
              "Merge",
              "Joins frames of the same sequence, one of each input, into one with all channels.",
              Merge.Config.class,
              Merge::new)
          .alsoCalled("merge")
          .shownAs(control("Merge", DataType.ANY));

  public static final NodeType<AssertRms.Config> ASSERT_RMS =
      NodeType.transform(
              "AssertRMS",
              "Fails on frames whose root mean square is not as expected.",
              AssertRms.Config.class,
              AssertRms::new)
          .alsoCalled("assertrms", "assert_rms")
          .asStateless()
          .shownAs(control("Assert RMS", DataType.AUDIO_FRAME));

  public static final NodeType<Delay.Config> DELAY =
      NodeType.transform(
              "Delay",
              "Takes its time over each frame, and hands it on.",
              Delay.Config.class,
              Delay::new)
          .alsoCalled("delay")
          .asStateless()
          .shownAs(control("Delay", DataType.ANY));

  public static final NodeType<Fault.Config> FAULT =
      NodeType.transform(
              "Fault",
              "Fails on chosen frames, to try out what the graph does then; hands on the others.",
              Fault.Config.class,
              Fault::new)
          .alsoCalled("fault")
          .shownAs(control("Fault", DataType.ANY));

  public static final NodeType<Collect.Config> COLLECT =
      NodeType.transform(
              "Collect",
              "Keeps the newest frames for whoever asks, and hands them on.",
              Collect.Config.class,
              Collect::new)
          .alsoCalled("collect")
          .terminalWhen(Collect.Config::terminal)
          .shownAs(new Palette("Collect", Palette.Category.SINKS, DataType.ANY, DataType.ANY));

  public static final List<NodeType<?>> ALL =
      List.of(TRIGGER_SOURCE, ROUTER, MERGE, ASSERT_RMS, DELAY, FAULT, COLLECT);

  private ControlTypes() {}

  private static Palette control(String title, DataType data) {
    return new Palette(title, Palette.Category.CONTROL, data, data);
  }
}
