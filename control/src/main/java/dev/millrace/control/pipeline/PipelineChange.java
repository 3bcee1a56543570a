package dev.millrace.control.pipeline;

import dev.millrace.core.json.Json;
import dev.millrace.engine.pipeline.ApplyReport;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// How a pipeline that was running came to another graph, for answers and the audit trail.
public sealed interface PipelineChange {
  /// Most ids of each kind that are told.
  int MOST_IDS = 100;

  String pipeline();

  ObjectNode toJson();

  /// All of them under `pipelines`; empty without any.
  static ObjectNode toJson(List<PipelineChange> changes) {
    var json = Json.mapper().createObjectNode();
    if (!changes.isEmpty()) {
      var array = json.putArray("pipelines");
      changes.forEach(change -> array.add(change.toJson()));
    }
    return json;
  }

  /// Its run went on.
  record InPlace(String pipeline, ApplyReport.Applied nodes) implements PipelineChange {
    @Override
    public ObjectNode toJson() {
      var json = Json.mapper().createObjectNode().put("pipeline", pipeline).put("in_place", true);
      put(json, "kept", nodes.kept());
      put(json, "changed", nodes.changed());
      put(json, "added", nodes.added());
      put(json, "removed", nodes.removed());
      return json;
    }

    private static void put(ObjectNode json, String key, List<String> ids) {
      var array = json.putArray(key);
      ids.stream().limit(MOST_IDS).forEach(array::add);
      if (ids.size() > MOST_IDS) {
        array.add("… " + (ids.size() - MOST_IDS) + " more");
      }
    }
  }

  /// Its run was drained and another begun, because of what `why` says.
  record NewRun(String pipeline, String why) implements PipelineChange {
    @Override
    public ObjectNode toJson() {
      return Json.mapper()
          .createObjectNode()
          .put("pipeline", pipeline)
          .put("in_place", false)
          .put("why", why);
    }
  }
}
