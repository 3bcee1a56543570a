package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.spec.Durations;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.tap.TapOptions;
import dev.millrace.engine.tap.TapPattern;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A tap over HTTP: reads what is asked for, and answers with a [TapStream].
final class TapReading {
  static final Route.Docs DOCS =
      Route.Docs.of(
              "A live copy of the frames that leave nodes or go over edges, one JSON object a"
                  + " line, until limit frames have come, the time is over, the client leaves or"
                  + " the pipeline ends. The pipeline never waits: {\"dropped\":n} says that n"
                  + " frames are missing here. {\"places\":[…]} says what is watched, at first,"
                  + " when the graph has changed, and after 15 s without a frame; the last line"
                  + " why it ended: limit, time, pipeline or closed.")
          .parameter("edge", "query", "from->to, * and ? allowed.")
          .parameter("node", "query", "Everything that leaves a node, * and ? allowed.")
          .parameter("pattern", "query", "Either of the two; default *.")
          .parameter("limit", "query", "Frames in all; default: no limit.")
          .parameter(
              "sample",
              "query",
              "10: one frame in ten of each place; 5/s: at most five a second; default all.")
          .parameter("for", "query", "How long to look, such as 5s or 10m; default: no limit.")
          .answers(
              """
              {"places":["gain->out"]}
              {"place":"gain->out","time":1767268800250000,"frame":{"timestamp":0,"sequence_id":0,"payload":{},"metadata":{}}}
              {"dropped":12}
              {"end":"limit","frames":1,"dropped":12}
              """)
          .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it")
          .fails(503, "TOO_MANY_TAPS", "too many taps are open on this pipeline")
          .fails(503, "OVERLOADED", "server.max_live_answers taps are open");

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern RATE = Pattern.compile("([0-9]{1,9})/s");

  private final TapStream.Following following;
  private final Clock clock;

  TapReading(TapStream.Following following, Clock clock) {
    this.following = following;
    this.clock = clock;
  }

  /// What is wrong with which parameter; carries no stack, because it is an answer.
  private static final class Wrong extends Exception {
    private final transient Response answer;

    Wrong(String field, String message) {
      super(message, null, false, false);
      this.answer =
          Response.failure(
              422,
              "VALIDATION_FAILED",
              message,
              Json.mapper().createObjectNode().put("field", field));
    }
  }

  Response read(Pipeline pipeline, Request request) {
    try {
      var pattern = pattern(request);
      var options = sampled(request).withLimit(limit(request));
      var wish = new TapStream.Wish(pattern, options, time(request));
      return Response.live("application/x-ndjson", new TapStream(pipeline, wish, following, clock));
    } catch (Wrong wrong) {
      return wrong.answer;
    } catch (IllegalStateException full) {
      return Response.failure(503, "TOO_MANY_TAPS", String.valueOf(full.getMessage()));
    }
  }

  private static String pattern(Request request) throws Wrong {
    var given =
        List.of("edge", "node", "pattern").stream()
            .filter(name -> request.queryValue(name).isPresent())
            .toList();
    if (given.isEmpty()) {
      return "*";
    }
    var name = given.getFirst();
    if (given.size() > 1) {
      throw new Wrong(given.get(1), "say edge, node or pattern, and not " + given);
    }
    var text = request.queryValue(name).orElseThrow();
    boolean arrow = text.contains("->");
    if (name.equals("edge") && !arrow) {
      throw new Wrong(name, "edge is from->to; what leaves a node is asked for with node");
    }
    if (name.equals("node") && arrow) {
      throw new Wrong(name, "node is the id of one; what goes over an edge is asked for with edge");
    }
    try {
      var _ = TapPattern.parse(text);
    } catch (IllegalArgumentException broken) {
      throw new Wrong(name, String.valueOf(broken.getMessage()));
    }
    return text;
  }

  private static TapOptions sampled(Request request) throws Wrong {
    var text = request.queryValue("sample").orElse("1");
    var rate = RATE.matcher(text);
    boolean perSecond = rate.matches();
    var digits = perSecond ? rate.group(1) : text;
    int number = NUMBER.matcher(digits).matches() ? Integer.parseInt(digits) : 0;
    if (number < 1) {
      throw new Wrong("sample", "sample is 10 for one frame in ten, or 5/s for five a second");
    }
    return perSecond
        ? TapOptions.DEFAULT.withPerSecond(number)
        : TapOptions.DEFAULT.withEvery(number);
  }

  private static long limit(Request request) throws Wrong {
    var text = request.queryValue("limit").orElse("");
    if (text.isEmpty()) {
      return 0;
    }
    long number = NUMBER.matcher(text).matches() ? Long.parseLong(text) : 0;
    if (number < 1) {
      throw new Wrong("limit", "limit is a whole number from 1 to 999999999");
    }
    return number;
  }

  private static @Nullable Duration time(Request request) throws Wrong {
    var text = request.queryValue("for");
    Optional<Duration> time = text.flatMap(Durations::parse);
    if (text.isPresent() && time.filter(Duration::isPositive).isEmpty()) {
      throw new Wrong("for", "for is a time such as 5s or 10m");
    }
    return time.orElse(null);
  }
}
