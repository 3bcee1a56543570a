package dev.millrace.testkit.node;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Source;
import java.util.List;
import java.util.function.Supplier;

/// Proves that a node keeps the contract of `dev.millrace.core.node`, alone and without an engine.
///
/// Two ways in. *All the nasty cases at once*, each on a fresh node and a fresh context:
///
/// ```java
/// @Test void keepsTheContractOfANode() throws Exception {
///   var outputs = NodeHarness.processor(() -> new Gain(new GainSpec(2.0))).inputs(frames).check();
///   assertThat(outputs).hasSize(frames.size());
/// }
///
/// NodeHarness.source(() -> new LinesSource(spec)).check();
/// ```
///
/// *Step by step*, for what is special about one node:
///
/// ```java
/// try (var context = new TestNodeContext(); var run = NodeHarness.open(new Gain(spec), context)) {
///   run.batch(List.of(frame), SourcePosition.exact("a", 1)).idle();
///   assertThat(run.outputs()).isEmpty();
///   assertThat(context.rejections()).isEmpty();
/// }
/// ```
public final class NodeHarness {
  private NodeHarness() {}

  /// Opens `node` and lets the test drive it.
  public static ProcessorRun open(Processor node, TestNodeContext context) throws Exception {
    return new ProcessorRun(node, context);
  }

  /// Opens `node` and lets the test drive it.
  public static SourceRun open(Source node, TestNodeContext context) throws Exception {
    return new SourceRun(node, context);
  }

  /// The nasty cases for a processor; `fresh` makes a new node for each.
  public static ProcessorCases processor(Supplier<? extends Processor> fresh) {
    return new ProcessorCases(fresh);
  }

  /// The nasty cases for a source; `fresh` makes a new node for each.
  public static SourceCases source(Supplier<? extends Source> fresh) {
    return new SourceCases(fresh);
  }

  /// What `node` makes of `frames` in one batch, from open to close.
  public static List<Frame> run(Processor node, List<Frame> frames) throws Exception {
    try (var context = new TestNodeContext();
        var run = open(node, context)) {
      run.batch(frames, null).idle().finish();
      return run.outputs();
    }
  }
}
