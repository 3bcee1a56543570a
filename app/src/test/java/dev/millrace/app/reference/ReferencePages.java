package dev.millrace.app.reference;

import dev.millrace.app.config.MillraceConfig;
import dev.millrace.app.server.Catalogue;
import dev.millrace.classify.ClassifyMetric;
import dev.millrace.connect.ConnectMetric;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metric;
import dev.millrace.core.spec.KeyType;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.EngineMetric;
import dev.millrace.gateway.http.HttpMetric;
import dev.millrace.gateway.publish.PublishMetric;
import dev.millrace.gateway.wse.WseMetric;
import dev.millrace.hub.HubMetric;
import dev.millrace.net.NetMetric;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Writes each reference page from the declarations.
final class ReferencePages {
  private static final String GENERATED =
      "<!-- Generated from the code; `MILLRACE_UPDATE_DOCS=1 ./millrace test` writes it anew."
          + " -->\n\n";

  private ReferencePages() {}

  /// File name to content.
  static Map<String, String> all() {
    var pages = new LinkedHashMap<String, String>();
    pages.put("nodes.md", nodes());
    pages.put("configuration.md", configuration());
    pages.put("metrics.md", metrics());
    pages.put(
        "millrace.schema.json",
        Json.mapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(
                    Spec.of(MillraceConfig.class)
                        .schema()
                        .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                        .put("title", "millrace.yaml"))
            + "\n");
    return pages;
  }

  private static String nodes() {
    var page = new StringBuilder("# Node types\n\n" + GENERATED);
    page.append("What a graph may be made of. In a graph a node is `{id, type, config}`.\n");
    for (var type : Catalogue.forChecking().types()) {
      page.append("\n## ").append(type.name()).append("\n\n").append(type.summary()).append('\n');
      page.append("\nA ").append(type.role().name().toLowerCase(Locale.ROOT));
      if (type.live()) {
        page.append("; live, so `--replay` and the demo put another source in its place");
      }
      if (!type.aliases().isEmpty()) {
        page.append("; also called ").append(String.join(", ", type.aliases()));
      }
      page.append(".\n");
      if (!type.spec().keys().isEmpty()) {
        page.append('\n');
        table(page, type.spec(), "");
      }
    }
    return page.toString();
  }

  private static String configuration() {
    var page = new StringBuilder("# Configuration\n\n" + GENERATED);
    page.append(
        """
        The keys of `millrace.yaml`. A value is taken from `--set a.b=c` first, then from the
        environment variable `MILLRACE__A__B`, then from the file, then from the default. `${NAME}` and
        `${NAME:-default}` in a value are filled in from the environment; `${CONFIG_DIR}` is the folder
        of the file. Durations are written `250ms`, `5s`, `2m`, `36h`; sizes `4096`, `64KB`, `1MiB`.
        Editors that know JSON Schema can use [millrace.schema.json](millrace.schema.json).

        """);
    table(page, Spec.of(MillraceConfig.class), "");
    return page.toString();
  }

  private static void table(StringBuilder page, Spec<?> spec, String prefix) {
    page.append("| key | value | default | what |\n|---|---|---|---|\n");
    rows(page, spec, prefix);
  }

  private static void rows(StringBuilder page, Spec<?> spec, String prefix) {
    for (var key : spec.keys()) {
      switch (key.reader()) {
        case KeyType.Nested nested -> rows(page, Spec.of(nested.type()), prefix + key.name() + ".");
        case KeyType.Many(var item, var nullable) when item instanceof KeyType.Nested nested -> {
          row(page, prefix, key);
          rows(page, Spec.of(nested.type()), prefix + key.name() + "[].");
        }
        default -> row(page, prefix, key);
      }
    }
  }

  private static void row(StringBuilder page, String prefix, Spec.Key key) {
    var fallback = key.fallback();
    page.append("| `")
        .append(prefix)
        .append(key.name())
        .append("` | ")
        .append(key.type().replace("|", "\\|"))
        .append(range(key))
        .append(" | ")
        .append(key.required() ? "required" : fallback == null ? "" : "`" + fallback + "`")
        .append(" | ")
        .append(key.about().replace("|", "\\|"))
        .append(" |\n");
  }

  private static String range(Spec.Key key) {
    boolean low = Double.isFinite(key.min());
    boolean high = Double.isFinite(key.max());
    if (!low && !high) {
      return "";
    }
    return " "
        + (low ? number(key.min()) : "")
        + (low && high ? " to " : low ? " or more" : "at most ")
        + (high ? number(key.max()) : "");
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.valueOf(value);
  }

  private static String metrics() {
    var page = new StringBuilder("# Metrics\n\n" + GENERATED);
    page.append("What `/metrics` answers, in Prometheus text format.\n\n");
    page.append("| metric | kind | labels | what |\n|---|---|---|---|\n");
    declared()
        .forEach(
            metric ->
                page.append("| `")
                    .append(metric.metricName())
                    .append("` | ")
                    .append(metric.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(String.join(", ", metric.labels()))
                    .append(" | ")
                    .append(metric.help())
                    .append(" |\n"));
    return page.toString();
  }

  /// Every metric of the product, module by module.
  static List<Metric> declared() {
    return Stream.<Metric[]>of(
            NetMetric.values(),
            EngineMetric.values(),
            HubMetric.values(),
            ClassifyMetric.values(),
            ConnectMetric.values(),
            HttpMetric.values(),
            WseMetric.values(),
            PublishMetric.values())
        .<Metric>flatMap(Arrays::stream)
        .toList();
  }
}
