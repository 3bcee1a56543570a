package dev.millrace.app.server;

import dev.millrace.control.pipeline.PipelineSet;
import dev.millrace.engine.pipeline.DrainReport;
import java.util.ArrayList;
import java.util.List;

/// What stopping came to, pipeline by pipeline.
public record DrainResult(List<PipelineSet.Stopped> pipelines) {
  public DrainResult {
    pipelines = List.copyOf(pipelines);
  }

  public boolean timedOut() {
    return pipelines.stream().anyMatch(one -> one.report() instanceof DrainReport.TimedOut);
  }

  public boolean failed() {
    return pipelines.stream().anyMatch(one -> one.report() instanceof DrainReport.Failed);
  }

  /// A line for each pipeline that did not end well.
  public List<String> complaints() {
    var lines = new ArrayList<String>();
    for (var one : pipelines) {
      switch (one.report()) {
        case DrainReport.Clean clean -> {}
        case DrainReport.Failed(var failure) ->
            lines.add("The pipeline " + one.name() + " failed: " + failure.getMessage());
        case DrainReport.TimedOut late ->
            lines.add(
                "The pipeline "
                    + one.name()
                    + " could not drain in time; "
                    + late.frames()
                    + " frames were left at "
                    + String.join(", ", late.left().stream().map(DrainReport.Left::node).toList())
                    + ". What a durable sink had not committed is read again at the next start.");
      }
    }
    return lines;
  }
}
