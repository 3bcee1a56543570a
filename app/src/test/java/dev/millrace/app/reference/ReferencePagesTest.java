package dev.millrace.app.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ReferencePagesTest {
  private static final Path FOLDER = Path.of("..", "docs", "reference");

  @TestFactory
  Iterable<DynamicTest> aReferencePageSaysWhatTheCodeDoes() {
    return ReferencePages.all().entrySet().stream()
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
    assertThat(ReferencePages.declared())
        .allSatisfy(
            metric -> {
              assertThat(metric.metricName()).matches("millrace_[a-z]+_[a-z_]+");
              assertThat(metric.metricName().endsWith("_total"))
                  .as(metric.metricName())
                  .isEqualTo(metric.kind() == dev.millrace.core.metric.Metric.Kind.COUNTER);
              assertThat(metric.help()).as(metric.metricName()).endsWith(".");
            });
  }
}
