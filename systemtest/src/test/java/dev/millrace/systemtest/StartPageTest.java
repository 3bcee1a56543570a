package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a newcomer sees after `./millrace demo`, in a real browser.
class StartPageTest {
  @TempDir private Path folder;

  @Test
  void theStartPageShowsLivePostsRatesAndTheGraph() throws IOException {
    var chromium = Browser.installed();
    Assumptions.assumeTrue(chromium.isPresent(), "Chromium is not installed");
    try (var process = MillraceProcess.start(folder, "demo", "--port", "0");
        var browser = Browser.start(chromium.orElseThrow(), folder)) {
      var address = process.awaitReady();
      browser.open(address.resolve("/"));
      browser.await("document.querySelectorAll('#posts li').length >= 3");
      browser.await("document.querySelectorAll('#graph [data-node]').length === 5");
      browser.await("parseFloat(document.getElementById('rate-events').textContent) > 100");
      browser.await("/[1-9]/.test(document.getElementById('total-stored').textContent)");
      assertThat(browser.evaluate("document.getElementById('status-text').textContent"))
          .isEqualTo("live");
      assertThat(browser.evaluate("document.querySelector('#posts .chip').textContent"))
          .isNotBlank();
      assertThat(browser.evaluate("String(document.querySelectorAll('.node.trouble').length)"))
          .isEqualTo("0");
      var pictures = System.getProperty("millrace.pictures");
      if (pictures != null) {
        // A full page, with some history behind the rates.
        browser.await("document.querySelectorAll('#posts li').length >= 14");
        browser.await(
            "document.querySelector('#spark-events path').getAttribute('d').length > 250");
        Files.createDirectories(Path.of(pictures));
        browser.screenshot(Path.of(pictures, "start-page.png"));
      }
    }
  }
}
