package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.trace.Correlation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/// What the log says of the traced frames of one node.
record TraceLines(String pipeline, String node) {
  private static final Logger log = LoggerFactory.getLogger(TraceLines.class);

  void made(String traced, Frame frame) {
    if (log.isDebugEnabled()) {
      line(traced, frame).log("{}: node {} made a frame", pipeline, node);
    }
  }

  void handled(String traced, Frame frame, long micros) {
    if (log.isDebugEnabled()) {
      line(traced, frame)
          .addKeyValue("micros", micros)
          .log("{}: node {} handled a frame in {} us", pipeline, node, micros);
    }
  }

  private LoggingEventBuilder line(String traced, Frame frame) {
    return log.atDebug()
        .addKeyValue("pipeline", pipeline)
        .addKeyValue("node", node)
        .addKeyValue("sequence", frame.sequence())
        .addKeyValue(Correlation.METADATA_KEY, traced);
  }
}
