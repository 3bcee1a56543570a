package dev.millrace.signals.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.testkit.node.NodeHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final Frame LOUD =
      Fixture.frame(1, Map.of("a", new double[] {3, -3}, "b", new double[] {1, -5}));

  @Test
  void aFrameGoesToTheBranchThatTheComparisonSays() throws Exception {
    double rms = Math.sqrt(44 / 4.0);
    assertThat(branch("{metric: rms, op: '>', threshold: 3.3}", LOUD)).isEqualTo("true");
    assertThat(branch("{metric: rms, op: '>', threshold: 3.4}", LOUD)).isEqualTo("false");
    assertThat(branch("{op: '>=', threshold: " + rms + "}", LOUD)).isEqualTo("true");
    assertThat(branch("{op: '<', threshold: " + rms + "}", LOUD)).isEqualTo("false");
    assertThat(branch("{op: le, threshold: " + rms + "}", LOUD)).isEqualTo("true");
    assertThat(branch("{metric: peak, op: '==', threshold: 5}", LOUD)).isEqualTo("true");
    assertThat(branch("{metric: mean, op: '==', threshold: -1}", LOUD)).isEqualTo("true");
    assertThat(branch("{metric: mean, op: '!=', threshold: -1}", LOUD)).isEqualTo("false");
    assertThat(branch("{metric: channel-count, op: '==', threshold: 2}", LOUD)).isEqualTo("true");
    assertThat(branch("{metric: peak, channel: a, op: '==', threshold: 3}", LOUD))
        .isEqualTo("true");
  }

  @Test
  void withoutSamplesThereIsNothing() throws Exception {
    var empty = Frame.trigger(1, 1);
    assertThat(branch("{metric: rms, op: '==', threshold: 0}", empty)).isEqualTo("true");
    assertThat(branch("{metric: mean, op: '==', threshold: 0}", empty)).isEqualTo("true");
    assertThat(branch("{metric: channel-count, op: '<', threshold: 1}", empty)).isEqualTo("true");
    assertThat(branch("{metric: rms, channel: z, op: '>', threshold: 0}", LOUD)).isEqualTo("false");
  }

  @Test
  void aMetadataEntryIsComparedAsANumber() throws Exception {
    var frame = LOUD.withMetadata(LOUD.metadata().with("speed", "12.5").with("name", "x"));
    assertThat(branch("{metric: 'metadata:speed', op: gt, threshold: 12}", frame))
        .isEqualTo("true");
    assertThat(branch("{metric: 'metadata:name', op: ge, threshold: 0}", frame)).isEqualTo("false");
    assertThat(branch("{metric: 'metadata:none', op: lt, threshold: 0}", frame)).isEqualTo("false");
    assertThat(branch("{metric: 'metadata:none', op: ne, threshold: 0}", frame)).isEqualTo("true");
  }

  @Test
  void anUnknownMetricOrComparisonIsAnErrorThatNamesTheKnownOnes() {
    assertThat(Fixture.problems(ControlTypes.ROUTER, "{metric: loudness}").toString())
        .contains("loudness", "channel-count");
    assertThat(Fixture.problems(ControlTypes.ROUTER, "{metric: 'metadata:'}")).isNotEmpty();
    assertThat(Fixture.problems(ControlTypes.ROUTER, "{op: '=>'}").toString()).contains("=>", "!=");
  }

  @Test
  void keepsTheContractOfANode() throws Exception {
    var frames = Fixture.frames(1, 100);
    var outputs = NodeHarness.processor(() -> router("{}")).inputs(frames).check();
    assertThat(outputs).isEqualTo(frames);
  }

  private static String branch(String config, Frame frame) throws Exception {
    var branches = new ArrayList<String>();
    router(config)
        .process(
            frame,
            new Outlet() {
              @Override
              public void emit(Frame other) {
                throw new AssertionError("without a branch");
              }

              @Override
              public void emit(Frame same, String branch) {
                assertThat(same).isSameAs(frame);
                branches.add(branch);
              }
            });
    assertThat(branches).hasSize(1);
    return List.copyOf(branches).getFirst();
  }

  private static Processor router(String config) {
    return (Processor) Fixture.node(ControlTypes.ROUTER, config);
  }
}
