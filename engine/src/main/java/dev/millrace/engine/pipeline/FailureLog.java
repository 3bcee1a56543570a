package dev.millrace.engine.pipeline;

import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.flow.NodeFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The line that says why a pipeline ends.
final class FailureLog {
  // Under the pipeline's own name, by which operators set levels.
  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  private FailureLog() {}

  /// Under the id of the frame in hand, if it was traced.
  static void log(String name, NodeFailure thrown) {
    var line =
        log.atError()
            .setCause(thrown.getCause())
            .addKeyValue("pipeline", name)
            .addKeyValue("node", thrown.node());
    if (thrown.sequence() != NodeFailure.NO_SEQUENCE) {
      line = line.addKeyValue("sequence", thrown.sequence());
    }
    var traced = thrown.traceId();
    if (traced == null) {
      line.log("{}: {}; the pipeline ends", name, thrown.getMessage());
    } else {
      var marked = line.addKeyValue(Correlation.METADATA_KEY, traced);
      Correlation.run(
          traced, () -> marked.log("{}: {}; the pipeline ends", name, thrown.getMessage()));
    }
  }
}
