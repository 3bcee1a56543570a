package dev.millrace.gateway.publish;

import dev.millrace.core.metric.Metric;
import java.util.List;

/// What the publishing endpoint counts.
public enum PublishMetric implements Metric {
  INVALID("invalid_frames_total", Kind.COUNTER, "Frames that are not one JSON value."),
  REFUSED("refused_frames_total", Kind.COUNTER, "Frames that the hub could not take.");

  private final String name;
  private final Kind kind;
  private final String help;

  PublishMetric(String name, Kind kind, String help) {
    this.name = "millrace_gateway_publish_" + name;
    this.kind = kind;
    this.help = help;
  }

  @Override
  public String metricName() {
    return name;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public String help() {
    return help;
  }

  @Override
  public List<String> labels() {
    return List.of();
  }
}
