package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.schedule.EngineRuntime;
import dev.millrace.engine.schedule.EngineSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineViewTest {
  private static final int FRAMES = 100;

  record None() {}

  private static final class Numbers implements Source {
    private int next;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      for (int i = 0; i < limit && next < FRAMES; i++) {
        outlet.emit(Frame.trigger(0, next++));
      }
      return next < FRAMES ? Progress.MORE : Progress.DONE;
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact("numbers", next);
    }
  }

  private static final class Nowhere implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {}
  }

  @Test
  void aRealPipelineShowsItsSourcesItsEdgesAndWhatItHasRead()
      throws ProblemException, InterruptedException {
    var problems = new Problems();
    var types =
        List.<NodeType<?>>of(
            NodeType.source("Numbers", "", None.class, none -> new Numbers()),
            NodeType.sink("Nowhere", "", None.class, none -> new Nowhere()));
    var json =
        "{\"nodes\":[{\"id\":\"in\",\"type\":\"Numbers\"},{\"id\":\"out\",\"type\":\"Nowhere\"}],"
            + "\"connections\":[{\"from\":\"in\",\"to\":\"out\"}]}";
    var graph =
        Documents.parse("graph.json", json.getBytes(StandardCharsets.UTF_8), problems)
            .flatMap(tree -> Graph.read(tree, new NodeCatalogue(types), problems))
            .orElseThrow(() -> new AssertionError(problems.toString()));
    try (var process = new FakeProcess();
        var clock = new SystemClock();
        var runtime = new EngineRuntime(EngineSpec.DEFAULT, clock, process.metrics).start();
        var pipeline =
            new Pipeline(
                "p",
                graph,
                runtime,
                new PipelineServices(process.metrics, process.bus, Path.of("target"), false))) {
      assertThat(PipelineView.of(pipeline).eventsRead()).isZero();
      pipeline.start();
      pipeline.awaitEnd();
      var view = PipelineView.of(pipeline);
      assertThat(view.name()).isEqualTo("p");
      assertThat(view.sources()).containsExactly("in");
      assertThat(view.links()).containsExactly(new PipelineView.Link("in", "out"));
      assertThat(view.eventsRead()).isEqualTo(FRAMES);
      assertThat(view.error()).isNull();
      process.pipelines = List.of(view);
      try (var events =
          new IntervalEvents(
              TelemetrySpec.DEFAULT, process.sections(), process.clock, process.metrics)) {
        assertThat(events.pipelines().getFirst().state()).isEqualTo("Completed");
      }
    }
  }
}
