package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.testkit.node.NodeHarness;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnvelopeNodeTest {
  private static final EnvelopeNode.Config QUICK = new EnvelopeNode.Config(1, 10);

  /// All the nasty cases at once: full outlets, one frame at a time, arrays that are overwritten
  /// the moment they have been given back, restored after each step.
  @Test
  void keepsTheContractOfANode() throws Exception {
    var random = new Random(1);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 50; i++) {
      frames.add(frame(i, random.doubles(i % 9, -1, 1).toArray()));
    }
    NodeHarness.processor(() -> new EnvelopeNode(QUICK)).inputs(frames).check();
  }

  @Test
  void itRisesToTheMagnitudeAndFallsBehindIt() throws Exception {
    var loud = new double[480]; // ten milliseconds
    Arrays.fill(loud, -0.5);
    var outputs =
        NodeHarness.run(
            new EnvelopeNode(QUICK), List.of(frame(0, loud), frame(1, new double[480])));
    assertThat(last(outputs.get(0))).isCloseTo(0.5, within(1e-3));
    assertThat(last(outputs.get(1))).isCloseTo(0.5 / Math.E, within(1e-3));
  }

  @Test
  void itGoesOnWhereItWasSaved() throws Exception {
    var samples = new Random(2).doubles(300, -1, 1).toArray();
    var first = frame(0, Arrays.copyOf(samples, 100));
    var second = frame(1, Arrays.copyOfRange(samples, 100, 300));

    var before = new EnvelopeNode(QUICK);
    var whole = NodeHarness.run(before, List.of(first, second));
    var saved = new EnvelopeNode(QUICK);
    var _ = NodeHarness.run(saved, List.of(first));
    var state = new ByteArrayOutputStream();
    saved.save(new DataOutputStream(state));
    var restored = new EnvelopeNode(QUICK);
    restored.restore(new DataInputStream(new ByteArrayInputStream(state.toByteArray())));

    assertThat(channel(NodeHarness.run(restored, List.of(second)).getFirst()))
        .containsExactly(channel(whole.get(1)));
  }

  private static Frame frame(int sequence, double[] samples) {
    return Frame.trigger(0, sequence).withBody(Samples.of("main_channel", samples));
  }

  private static double[] channel(Frame frame) {
    return ((Samples) frame.body()).channel("main_channel");
  }

  private static double last(Frame frame) {
    var samples = channel(frame);
    return samples[samples.length - 1];
  }
}
