package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShopTest {
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void anOrderShowsUpLive() throws Exception {
    try (var shop = new Shop(0, folder)) {
      var page = get(shop.address());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("EventSource");
      var events =
          http.send(
              HttpRequest.newBuilder(shop.address().resolve("/sse?topics=orders")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
        assertThat(lineWith(lines, "event: subscription_update")).isNotEmpty();
        var ordered =
            http.send(
                HttpRequest.newBuilder(shop.address().resolve("/orders/tea"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(ordered.statusCode()).isEqualTo(201);
        assertThat(lineWith(lines, "event: ordered")).isNotEmpty();
        assertThat(lineWith(lines, "data: ")).contains("{\"number\":1,\"item\":\"tea\"}");
      }
    }
  }

  private HttpResponse<String> get(URI address) throws Exception {
    return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String lineWith(BufferedReader lines, String beginning) throws Exception {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(beginning)) {
        return line;
      }
    }
    throw new AssertionError("nothing began with " + beginning);
  }
}
