package dev.millrace.app.config;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.About;
import dev.millrace.engine.EngineAliases;
import dev.millrace.gateway.wse.WseAliases;
import java.util.List;

/// What `/metrics` shows.
public record MetricsSpec(
    @About(
            "Tables of further names that figures are shown under as well; the reference of metrics"
                + " has them. graph: those of signal graphs, graph_…; wse: those of WebSocket"
                + " buses, ws_…, pubsub_… and dlq_….")
        List<Names> aliases) {

  /// A table of further names.
  public enum Names {
    GRAPH,
    WSE
  }

  public MetricsSpec {
    aliases = List.copyOf(aliases);
  }

  /// Has `metrics` show the names that are asked for, and no others besides its own.
  public void apply(Metrics metrics) {
    if (aliases.contains(Names.GRAPH)) {
      EngineAliases.show(metrics);
    } else {
      EngineAliases.hide(metrics);
    }
    if (aliases.contains(Names.WSE)) {
      WseAliases.show(metrics);
      BrokerAliases.show(metrics);
    } else {
      WseAliases.hide(metrics);
      BrokerAliases.hide(metrics);
    }
  }
}
