package dev.millrace.app.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReferencePagesTest {
  private static final Path FOLDER = Path.of("..", "docs", "reference");
  private static final Pattern DECLARES_METRICS =
      Pattern.compile("public enum \\w+ implements Metric\\b");

  private Map<String, String> pages = Map.of();

  @BeforeAll
  void writePages(@TempDir Path data) throws Exception {
    pages = ReferencePages.all(ServedRoutes.ask(data));
  }

  @TestFactory
  Iterable<DynamicTest> aReferencePageSaysWhatTheCodeDoes() {
    return pages.entrySet().stream()
        .map(page -> DynamicTest.dynamicTest(page.getKey(), () -> compare(page)))
        .toList();
  }

  private static void compare(Map.Entry<String, String> page) throws IOException {
    var file = FOLDER.resolve(page.getKey());
    if (System.getenv("MILLRACE_UPDATE_DOCS") != null) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, page.getValue());
    }
    assertThat(file).exists();
    assertThat(Files.readString(file))
        .as(
            "docs/reference/%s; MILLRACE_UPDATE_DOCS=1 ./millrace test writes it anew",
            page.getKey())
        .isEqualTo(page.getValue());
  }

  @Test
  void metricsAreNamedAfterTheirModuleAndCountersEndInTotal() {
    assertThat(MetricsPage.declared())
        .allSatisfy(
            metric -> {
              assertThat(metric.metricName()).matches("millrace_[a-z]+_[a-z_]+");
              assertThat(metric.metricName().endsWith("_total"))
                  .as(metric.metricName())
                  .isEqualTo(metric.kind() == Metric.Kind.COUNTER);
              assertThat(metric.help()).as(metric.metricName()).endsWith(".");
            });
  }

  @Test
  void everyMetricThatIsDeclaredIsOnThePage() {
    var listed = new TreeSet<String>();
    MetricsPage.declared().forEach(metric -> listed.add(metric.getClass().getSimpleName()));
    assertThat(listed).isEqualTo(SourceCode.read().filesWith(DECLARES_METRICS));
  }
}
