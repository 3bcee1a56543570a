package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A browser's own `EventSource`, which nobody here has written.
class SseBrowserTest {
  private static final String FOLLOW =
      """
      (() => {
        window.seen = [];
        window.source = new EventSource('/sse?topics=a,b');
        for (const type of ['subscription_update', 'note']) {
          window.source.addEventListener(type, event =>
            window.seen.push({ type, id: event.lastEventId, data: JSON.parse(event.data) }));
        }
        return 'ok';
      })()
      """;
  private static final String NOTES = "window.seen.filter(one => one.type === 'note')";
  private static final String GREETINGS =
      "window.seen.filter(one => one.type === 'subscription_update')";

  @TempDir private Path folder;

  @Test
  void anEventSourceReceivesTheEventsOfItsTopicsAndTheirPlaces() {
    var chromium = Browser.installed();
    Assumptions.assumeTrue(chromium.isPresent(), "Chromium is not installed");
    try (var process = MillraceProcess.start(folder, "run", "--set", "server.port=0");
        var browser = Browser.start(chromium.orElseThrow(), folder)) {
      var address = process.awaitReady();
      browser.open(address.resolve("/healthz"));
      browser.await("document.body.innerText.includes('ok')");
      assertThat(browser.evaluate(FOLLOW)).isEqualTo("ok");
      browser.await(GREETINGS + ".length === 1");
      publish(address, "a", 1);
      publish(address, "b", 2);
      browser.await(NOTES + ".length === 2");
      assertThat(browser.evaluate("String(window.source.readyState)")).isEqualTo("1");
      assertThat(browser.evaluate("JSON.stringify(" + NOTES + ".map(one => one.data.p.n))"))
          .isEqualTo("[1,2]");
      publish(address, "a", 3);
      browser.await(NOTES + ".length === 3");
      assertThat(browser.evaluate(NOTES + "[2].id")).matches("[0-9a-f]{8}-[0-9a-f]{12},.*");
    }
  }

  private static void publish(URI address, String topic, int n) {
    var answer =
        Http.post(
            address,
            "/api/v1/topics/" + topic,
            "{\"type\":\"note\",\"payload\":{\"n\":" + n + "}}");
    assertThat(answer.status()).isEqualTo(202);
  }
}
