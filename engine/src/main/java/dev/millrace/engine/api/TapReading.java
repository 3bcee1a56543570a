package dev.millrace.engine.api;

import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.spec.Durations;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.tap.TapEvent;
import dev.millrace.engine.tap.TapOptions;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;

/// A tap as one answer: a frame a line, up to so many or so long, whichever comes first.
final class TapReading {
  static final int MOST_FRAMES = 10_000;
  static final Duration LONGEST = Duration.ofSeconds(20); // below what a request may take
  private static final int MOST_BYTES = 16 << 20;

  static final Route.Docs DOCS =
      Route.Docs.of(
              "A live copy of the frames that leave nodes or go over edges, one JSON object a line,"
                  + " answered when limit frames have come or the time is over. missed counts"
                  + " frames before this one that were not copied in time; the pipeline never"
                  + " waits.")
          .parameter("edge", "query", "node or from->to, * and ? allowed; default *.")
          .parameter("every", "query", "One frame in so many of each place; default 1.")
          .parameter("limit", "query", "Frames in all, 1 to 10000; default 100.")
          .parameter("for", "query", "How long to look, such as 5s, at most 20s; default 5s.")
          .answers(
              "{\"place\":\"gain->out\",\"missed\":0,\"frame\":{\"timestamp\":0,"
                  + "\"sequence_id\":0,\"payload\":{},\"metadata\":{}}}\n")
          .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it")
          .fails(503, "TOO_MANY_TAPS", "too many taps are open on this pipeline");

  Response read(Pipeline pipeline, Request request) throws InterruptedException {
    var every = number(request, "every", 1);
    if (every < 1 || every > Integer.MAX_VALUE) {
      return wrong("every", "every is a whole number from 1");
    }
    var limit = number(request, "limit", 100);
    if (limit < 1 || limit > MOST_FRAMES) {
      return wrong("limit", "limit is a whole number from 1 to " + MOST_FRAMES);
    }
    var patience = Durations.parse(request.queryValue("for").orElse("5s"));
    if (patience.isEmpty() || patience.get().compareTo(LONGEST) > 0) {
      return wrong("for", "for is a time such as 5s, of at most " + LONGEST.toSeconds() + "s");
    }
    var options = TapOptions.DEFAULT.withEvery((int) every).withLimit(limit);
    try (var tap = pipeline.tap(request.queryValue("edge").orElse("*"), options)) {
      var out = new ByteArrayOutputStream(4_096);
      long until = System.nanoTime() + patience.get().toNanos();
      for (long left = until - System.nanoTime();
          left > 0 && !tap.ended() && out.size() < MOST_BYTES;
          left = until - System.nanoTime()) {
        var event = tap.poll(Duration.ofNanos(left));
        if (event != null) {
          write(event, out);
        }
      }
      return new Response(200, "application/x-ndjson", out.toByteArray(), Map.of());
    } catch (IllegalArgumentException badPattern) {
      return wrong("edge", String.valueOf(badPattern.getMessage()));
    } catch (IllegalStateException full) {
      return Response.failure(503, "TOO_MANY_TAPS", String.valueOf(full.getMessage()));
    }
  }

  private static void write(TapEvent event, ByteArrayOutputStream out) {
    try (var json = Json.generator(out)) {
      json.writeStartObject()
          .writeStringProperty("place", event.place())
          .writeNumberProperty("missed", event.missed());
      json.writeName("frame");
      FrameJson.write(event.frame(), json);
      json.writeEndObject();
    }
    out.write('\n');
  }

  /// The number a query parameter says; -1 where it says none.
  private static long number(Request request, String name, long otherwise) {
    var given = request.queryValue(name);
    if (given.isEmpty()) {
      return otherwise;
    }
    return given.get().matches("[0-9]{1,9}") ? Long.parseLong(given.get()) : -1;
  }

  private static Response wrong(String field, String message) {
    return Response.failure(
        422, "VALIDATION_FAILED", message, Json.mapper().createObjectNode().put("field", field));
  }
}
