package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.time.FakeClock;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PublishNodeTest {
  private static final Outlet NOWHERE = frame -> {};

  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final List<String> received = new ArrayList<>();

  private Hub hub(String... keys) {
    return new Hub(HubSpecs.with(keys), loops.all(), new FakeClock(), new Metrics());
  }

  private void subscribe(Hub hub) {
    var loop = loops.loop(0);
    var client = FakeClient.on(hub, loop, new PlainForm("plain"), received::add);
    loop.in(() -> client.session().subscribe(List.of("labels"), answers -> {}));
    loops.run();
  }

  private static PublishNode node(Hub hub) {
    return new PublishNode(() -> hub, new PublishSpec("labels", "label", Priority.NORMAL));
  }

  private static Frame frame(long sequence, String json) {
    return Frame.json(1_000, sequence, json);
  }

  @Test
  void aBatchOfFramesIsPublishedInOrder() {
    try (var context = new TestNodeContext()) {
      var hub = hub();
      subscribe(hub);
      var node = node(hub);
      node.open(context);
      for (int i = 0; i < 3; i++) {
        node.process(frame(i, "{\"n\":" + i + "}"), NOWHERE);
      }
      loops.run();
      assertThat(received).as("before the batch ends").isEmpty();

      node.batchEnd(null, NOWHERE);
      loops.run();

      assertThat(received).containsExactly("{\"n\":0}", "{\"n\":1}", "{\"n\":2}");
    }
  }

  @Test
  void aFullInboxHoldsTheNodeAndLosesNothing() {
    try (var context = new TestNodeContext()) {
      var hub = hub("inbox_messages=16");
      subscribe(hub);
      var node = node(hub);
      node.open(context);
      var expected = new ArrayList<String>();
      for (int batch = 0; batch < 3; batch++) {
        for (int i = 0; i < 10; i++) {
          var json = "{\"n\":" + expected.size() + "}";
          expected.add(json);
          node.process(frame(expected.size(), json), NOWHERE);
        }
        node.batchEnd(null, NOWHERE);
        if (!node.ready()) {
          loops.run();
          context.awaitWake(Duration.ofSeconds(5));
          assertThat(node.ready()).as("after it was woken").isTrue();
        }
      }
      node.finish(NOWHERE);
      loops.run();

      assertThat(received).isEqualTo(expected);
    }
  }

  @Test
  void aFrameThatIsNotJsonIsCountedAndItsNeighboursArePublished() {
    try (var context = new TestNodeContext()) {
      var hub = hub();
      subscribe(hub);
      var node = node(hub);
      node.open(context);
      node.process(frame(1, "1"), NOWHERE);
      node.process(frame(2, "2").withBody(new Body.Text("plain")), NOWHERE);
      node.process(frame(3, "3"), NOWHERE);
      node.batchEnd(null, NOWHERE);
      loops.run();

      assertThat(received).containsExactly("1", "3");
      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("not_json");
    }
  }

  @Test
  void aMessageThatIsTooLargeIsCountedAndItsNeighboursArePublished() {
    try (var context = new TestNodeContext()) {
      var hub = hub("max_message=1KiB");
      subscribe(hub);
      var node = node(hub);
      node.open(context);
      node.process(frame(1, "1"), NOWHERE);
      node.process(frame(2, "\"" + "x".repeat(2_000) + "\""), NOWHERE);
      node.process(frame(3, "3"), NOWHERE);
      node.batchEnd(null, NOWHERE);
      loops.run();

      assertThat(received).containsExactly("1", "3");
      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("refused");
    }
  }

  @Test
  void theNodeKeepsTheContractOfNodes() throws Exception {
    var hub = hub();
    var inputs = IntStream.range(0, 200).mapToObj(n -> frame(n, "{\"n\":" + n + "}")).toList();
    NodeHarness.processor(() -> node(hub)).inputs(inputs).check();
    loops.run();
  }
}
