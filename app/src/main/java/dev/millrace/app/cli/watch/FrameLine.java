package dev.millrace.app.cli.watch;

import dev.millrace.app.cli.Messages;
import dev.millrace.app.cli.watch.Cell.Style;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// A frame of a tap as one line for people: when it left, where, its sequence, and its body in
/// short. Confined to one thread.
public final class FrameLine {
  private static final int MOST_CHANNELS = 4;
  private static final int WIDEST_PLACE = 32;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  private final int width;
  private final boolean colours;
  private final ZoneId zone;
  private int placeWidth; // of the widest so far

  /// `width` 0 for lines that nobody looks at, which are not cut.
  public FrameLine(int width, boolean colours, ZoneId zone) {
    this.width = width;
    this.colours = colours;
    this.zone = zone;
  }

  /// The places that will be seen, so that the columns behind them begin in one place.
  public void places(List<String> places) {
    places.forEach(place -> grow(Cell.plain(place)));
  }

  /// `line` is one of `/api/v1/pipelines/{name}/tap` that holds a frame.
  public String of(JsonNode line) {
    var frame = line.path("frame");
    long micros = line.path("time").asLong(0);
    var time =
        Cell.dim(TIME.format(Instant.ofEpochMilli(Math.floorDiv(micros, 1_000L)).atZone(zone)));
    var place = Cell.plain(line.path("place").asString(""));
    grow(place);
    var sequence = Cell.dim("#" + frame.path("sequence_id").asString("?"));
    var body = new Cell(body(frame), Style.PLAIN);
    var shownPlace = new Cell(place.cut(placeWidth).text(), Style.BOLD);
    int used = time.width() + 2 + placeWidth + 2 + sequence.width() + 2;
    if (width > 0) {
      body = body.cut(Math.max(10, width - used));
    }
    return time.padded(0, false, colours)
        + "  "
        + shownPlace.padded(placeWidth, false, colours)
        + "  "
        + sequence.padded(0, false, colours)
        + "  "
        + body.padded(0, false, colours);
  }

  private void grow(Cell place) {
    placeWidth = Math.min(WIDEST_PLACE, Math.max(placeWidth, place.width()));
  }

  private static String body(JsonNode frame) {
    var body = new StringBuilder();
    if (frame.has("json")) {
      body.append(frame.path("json"));
    } else if (frame.has("text")) {
      body.append('"').append(frame.path("text").asString("")).append('"');
    } else if (frame.path("payload").isEmpty()) {
      body.append("(empty)");
    } else {
      body.append(channels(frame.path("payload")));
    }
    for (var entry : frame.path("metadata").properties()) {
      body.append("  ").append(entry.getKey()).append('=').append(entry.getValue().asString(""));
    }
    return body.toString();
  }

  private static String channels(JsonNode payload) {
    var shown = new ArrayList<String>();
    for (var channel : payload.properties()) {
      if (shown.size() == MOST_CHANNELS) {
        shown.add("and " + (payload.size() - MOST_CHANNELS) + " more channels");
        break;
      }
      shown.add(channel(channel.getKey(), channel.getValue()));
    }
    return String.join("  ", shown);
  }

  /// `main_channel[1,024] mean 0.001 rms 0.707`.
  private static String channel(String name, JsonNode samples) {
    double sum = 0;
    double squares = 0;
    for (var sample : samples) {
      double value = value(sample);
      sum += value;
      squares += value * value;
    }
    int length = samples.size();
    var head = name + "[" + Messages.number(length) + "]";
    if (length == 0) {
      return head;
    }
    double mean = sum / length;
    double rms = Math.sqrt(squares / length);
    boolean rounding = Math.abs(mean) < 1e-9 * rms; // is all that is left of it
    return head + " mean " + brief(rounding ? 0 : mean) + " rms " + brief(rms);
  }

  private static double value(JsonNode sample) {
    return sample.isNumber()
        ? sample.asDouble()
        : switch (sample.asString("")) {
          case "Infinity" -> Double.POSITIVE_INFINITY;
          case "-Infinity" -> Double.NEGATIVE_INFINITY;
          default -> Double.NaN;
        };
  }

  private static String brief(double value) {
    double size = Math.abs(value);
    return size == 0 || (size >= 0.001 && size < 100_000)
        ? String.format(Locale.ROOT, "%.3f", value)
        : String.format(Locale.ROOT, "%.2e", value);
  }
}
