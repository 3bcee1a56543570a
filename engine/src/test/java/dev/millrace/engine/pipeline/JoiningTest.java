package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.Joining;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes that ask where a frame comes from.
@Timeout(60)
class JoiningTest {
  private static final String BY = "by";

  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aNodeIsToldWhichOfItsInputsEveryFrameComesFrom(int workers) throws Exception {
    engine.source("numbers", new Numbers(20_000));
    engine.transforms("x", () -> marking("x"));
    engine.transforms("y", () -> marking("y"));
    engine.transforms("z", () -> marking("z"));
    engine.stateless("joins", Naming::new);
    var end = engine.sink("end", new Collecting());
    var pipeline =
        engine.pipeline(
            engine.read(
                """
                {"nodes": [{"id": "numbers", "type": "numbers"}, {"id": "x", "type": "x"},
                   {"id": "y", "type": "y"}, {"id": "z", "type": "z"}, {"id": "end", "type": "end"},
                   {"id": "joins", "type": "joins", "parallelism": %d}],
                 "connections": [{"from": "numbers", "to": "x"}, {"from": "numbers", "to": "y"},
                   {"from": "numbers", "to": "z"}, {"from": "x", "to": "joins"},
                   {"from": "y", "to": "joins"}, {"from": "z", "to": "joins"},
                   {"from": "joins", "to": "end"}]}
                """
                    .formatted(workers)));
    pipeline.start();
    pipeline.awaitEnd();

    assertThat(end.frames()).hasSize(60_000);
    assertThat(end.frames())
        .allSatisfy(
            frame ->
                assertThat(frame.metadata().entries())
                    .containsEntry("from", frame.metadata().entries().get(BY)));
    for (var branch : List.of("x", "y", "z")) {
      assertThat(
              end.frames().stream()
                  .filter(frame -> branch.equals(frame.metadata().entries().get(BY)))
                  .map(Frame::sequence))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 20_000).boxed().toList());
    }
  }

  private static Each marking(String name) {
    var mark = Metadata.NONE.with(BY, name);
    return new Each((frame, out) -> out.emit(frame.withMetadata(mark)));
  }

  /// Adds to each frame the node it was told that it came from.
  private static final class Naming implements Joining {
    private List<String> inputs = List.of();
    private int input;

    @Override
    public void open(NodeContext context) {
      inputs = context.inputs();
    }

    @Override
    public void from(int next) {
      input = next;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(frame.withMetadata(frame.metadata().with("from", inputs.get(input))));
    }
  }
}
