package example;

import dev.millrace.app.embed.Millrace;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.hub.PublishOutcome;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A shop whose orders show up live in every browser: its own pages and Millrace's topics on one
/// port.
///
/// Start it, open http://127.0.0.1:8080 in a few windows, and press the button in one.
public final class Shop implements AutoCloseable {
  private static final String PAGE =
      """
      <!doctype html>
      <title>Shop</title>
      <button onclick="fetch('/orders/tea', { method: 'POST' })">Order tea</button>
      <ol id="orders"></ol>
      <script>
        const events = new EventSource('/sse?topics=orders');
        events.addEventListener('ordered', event => {
          const line = document.createElement('li');
          line.textContent = JSON.stringify(JSON.parse(event.data).p);
          document.getElementById('orders').prepend(line);
        });
      </script>
      """;

  private final AtomicInteger orders = new AtomicInteger(); // handlers run on many threads
  private final Millrace millrace;

  Shop(int port, Path dataDirectory) throws Millrace.NotStarted {
    millrace =
        Millrace.builder()
            .set("server.port", Integer.toString(port))
            .set("server.data_dir", dataDirectory.toString())
            .route(
                "GET",
                "/",
                Route.Access.PUBLIC,
                request ->
                    new Response(
                        200,
                        "text/html; charset=utf-8",
                        PAGE.getBytes(StandardCharsets.UTF_8),
                        Map.of()))
            .route("POST", "/orders/{item}", Route.Access.PUBLIC, this::order)
            .start();
  }

  URI address() {
    return millrace.address();
  }

  private Response order(Request request) {
    var order =
        Json.mapper()
            .createObjectNode()
            .put("number", orders.incrementAndGet())
            .put("item", request.parameter("item"));
    return switch (millrace.hub().publish("orders", "ordered", order.toString())) {
      case PublishOutcome.Accepted _ -> Response.json(201, order);
      case PublishOutcome.Refused(var problem) ->
          Response.failure(400, "ORDER_REFUSED", problem.what());
      case PublishOutcome.Full() -> Response.failure(503, "BUSY", "order again in a second");
    };
  }

  @Override
  public void close() {
    millrace.close();
  }

  public static void main(String[] arguments) throws Exception {
    try (var shop = new Shop(8080, Path.of("shop-data"))) {
      System.out.println("Open " + shop.address() + " and press Enter here to stop.");
      var _ = System.in.read();
    }
  }
}
