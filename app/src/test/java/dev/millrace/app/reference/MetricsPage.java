package dev.millrace.app.reference;

import dev.millrace.app.config.BrokerAliases;
import dev.millrace.classify.ClassifyMetric;
import dev.millrace.connect.ConnectMetric;
import dev.millrace.connect.redis.BrokerMetric;
import dev.millrace.control.audit.AuditMetric;
import dev.millrace.control.command.CommandMetric;
import dev.millrace.control.config.ConfigMetric;
import dev.millrace.control.data.DataMetric;
import dev.millrace.control.log.LogMetric;
import dev.millrace.control.noc.NocMetric;
import dev.millrace.control.pipeline.PipelineMetric;
import dev.millrace.control.telemetry.TelemetryMetric;
import dev.millrace.core.metric.Metric;
import dev.millrace.core.signal.SignalMetric;
import dev.millrace.engine.EngineAliases;
import dev.millrace.engine.EngineMetric;
import dev.millrace.gateway.auth.AuthMetric;
import dev.millrace.gateway.http.HttpMetric;
import dev.millrace.gateway.inbound.InboundMetric;
import dev.millrace.gateway.publish.PublishMetric;
import dev.millrace.gateway.sse.SseMetric;
import dev.millrace.gateway.webhook.WebhookMetric;
import dev.millrace.gateway.wse.WseAliases;
import dev.millrace.gateway.wse.WseMetric;
import dev.millrace.hub.HubMetric;
import dev.millrace.net.NetMetric;
import dev.millrace.signals.control.ControlMetric;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `metrics.md`: what the process counts.
final class MetricsPage {
  private MetricsPage() {}

  static String text() {
    var page =
        Page.titled("Metrics")
            .paragraph("What `/metrics` answers, in Prometheus text format.")
            .table("metric", "kind", "labels", "what");
    for (var metric : declared()) {
      page.row(
          Page.quoted(metric.metricName()),
          metric.kind().name().toLowerCase(Locale.ROOT),
          String.join(", ", metric.labels()),
          metric.help());
    }
    page.paragraph("With `metrics.aliases: [graph]` these have a second name:")
        .table("metric", "also as");
    for (var metric : EngineMetric.values()) {
      var other = EngineAliases.names().get(metric);
      if (other != null) {
        page.row(Page.quoted(metric.metricName()), Page.quoted(other));
      }
    }
    page.paragraph("With `metrics.aliases: [wse]` these have a second name:")
        .table("metric", "also as");
    for (var metric : declared()) {
      var other = WseAliases.names().getOrDefault(metric, BrokerAliases.names().get(metric));
      if (other != null) {
        page.row(Page.quoted(metric.metricName()), Page.quoted(other));
      }
    }
    return page.text();
  }

  /// Every metric of the product, module by module.
  static List<Metric> declared() {
    return Stream.<Metric[]>of(
            SignalMetric.values(),
            NetMetric.values(),
            EngineMetric.values(),
            HubMetric.values(),
            ClassifyMetric.values(),
            ControlMetric.values(),
            ConnectMetric.values(),
            BrokerMetric.values(),
            AuthMetric.values(),
            HttpMetric.values(),
            WseMetric.values(),
            PublishMetric.values(),
            SseMetric.values(),
            InboundMetric.values(),
            WebhookMetric.values(),
            ConfigMetric.values(),
            CommandMetric.values(),
            AuditMetric.values(),
            PipelineMetric.values(),
            LogMetric.values(),
            TelemetryMetric.values(),
            NocMetric.values(),
            DataMetric.values())
        .<Metric>flatMap(Arrays::stream)
        .toList();
  }
}
