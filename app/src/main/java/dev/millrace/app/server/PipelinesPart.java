package dev.millrace.app.server;

import dev.millrace.app.config.Settings;
import dev.millrace.control.config.ConfigPart;
import dev.millrace.control.pipeline.PipelineChange;
import dev.millrace.control.pipeline.PipelineSet;
import dev.millrace.core.problem.ProblemException;
import tools.jackson.databind.node.ObjectNode;

/// The pipelines follow the configuration.
record PipelinesPart(PipelineSet set) implements ConfigPart<Settings> {
  @Override
  public String name() {
    return "pipelines";
  }

  @Override
  public Change prepare(Settings before, Settings after) throws ProblemException {
    var prepared = set.prepare(after.graphs());
    return new Change() {
      @Override
      public void commit() {
        prepared.commit();
      }

      @Override
      public ObjectNode outcome() {
        return PipelineChange.toJson(prepared.changes());
      }

      @Override
      public void rollBack() {
        prepared.rollBack();
      }
    };
  }

  /// The graphs have been read, and that is all that can be found out without starting something.
  @Override
  public Change rehearse(Settings before, Settings after) {
    return Change.none();
  }
}
