package dev.millrace.app.reference;

import dev.millrace.app.config.MillraceConfig;
import dev.millrace.core.json.Json;
import dev.millrace.core.spec.Spec;
import java.util.LinkedHashMap;
import java.util.Map;

/// The reference pages, each made by a class of its own.
final class ReferencePages {
  private ReferencePages() {}

  /// File name to content.
  static Map<String, String> all(ServedRoutes served) {
    var pages = new LinkedHashMap<String, String>();
    pages.put("nodes.md", NodesPage.text());
    pages.put("graphs.md", GraphsPage.text());
    pages.put("configuration.md", ConfigurationPage.text());
    pages.put("metrics.md", MetricsPage.text());
    pages.put("rest.md", RestPage.text(served));
    pages.put("errors.md", ErrorsPage.text());
    pages.put("millrace.schema.json", schema());
    return pages;
  }

  private static String schema() {
    return Json.mapper()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(
                Spec.of(MillraceConfig.class)
                    .schema()
                    .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                    .put("title", "millrace.yaml"))
        + "\n";
  }
}
