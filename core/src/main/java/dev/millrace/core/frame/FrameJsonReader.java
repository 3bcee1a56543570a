package dev.millrace.core.frame;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Suggestion;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the JSON form of one frame in one pass. Confined to one reading.
final class FrameJsonReader {
  private static final Location START = Location.of("frame");

  private final byte[] bytes;

  private long timestamp;
  private long sequence;
  private @Nullable Body body;
  private String bodyKey = "";
  private List<SampleTag> tags = List.of();
  private Metadata metadata = Metadata.NONE;

  FrameJsonReader(byte[] bytes) {
    this.bytes = bytes;
  }

  Frame read() throws ProblemException {
    if (!Json.isUtf8(bytes)) {
      throw broken(START, "a frame is written in UTF-8", null);
    }
    try (var parser = Json.parser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw broken(
            START, "a frame is an object with timestamp, sequence_id, payload and so on", null);
      }
      var seen = new HashSet<String>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        var key = parser.currentName();
        once(seen, START, key);
        parser.nextToken();
        value(parser, key, START.child(key));
      }
      if (parser.nextToken() != null) {
        throw broken(START, "something follows the frame", "Write one frame here.");
      }
    } catch (JacksonException unreadable) {
      throw broken(START, "this is not JSON: " + Json.complaint(bytes), null);
    }
    return new Frame(timestamp, sequence, tagged(), metadata);
  }

  private void value(JsonParser parser, String key, Location at) throws ProblemException {
    switch (key) {
      case FrameJson.TIMESTAMP -> timestamp = unsigned(parser, at);
      case FrameJson.SEQUENCE -> sequence = unsigned(parser, at);
      case FrameJson.PAYLOAD -> body(key, at, samples(parser, at));
      case FrameJson.TEXT -> body(key, at, new Body.Text(text(parser, at)));
      case FrameJson.JSON -> body(key, at, new Body.JsonBytes(verbatim(parser)));
      case FrameJson.TAGS -> tags = tags(parser, at);
      case FrameJson.METADATA -> metadata = metadata(parser, at);
      default ->
          throw broken(
              at,
              "a frame has no key " + key,
              Suggestion.closest(key, FrameJson.KEYS)
                  .map(close -> "Did you mean " + close + "?")
                  .orElse("Known keys: " + String.join(", ", FrameJson.KEYS) + "."));
    }
  }

  private void body(String key, Location at, Body read) throws ProblemException {
    if (body != null) {
      throw broken(at, "a frame has either " + bodyKey + " or " + key, "Remove one.");
    }
    body = read;
    bodyKey = key;
  }

  private Body tagged() throws ProblemException {
    if (tags.isEmpty()) {
      return body == null ? Body.EMPTY : body;
    }
    if (body instanceof Samples samples) {
      return samples.withTags(tags);
    }
    throw broken(START.child(FrameJson.TAGS), "tags belong to channels, and there are none", null);
  }

  private static long unsigned(JsonParser parser, Location at) throws ProblemException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      BigInteger number = parser.getBigIntegerValue();
      if (number.signum() >= 0 && number.bitLength() <= Long.SIZE) {
        return number.longValue();
      }
    }
    throw broken(at, "a whole number from 0 to 18446744073709551615 is wanted here", null);
  }

  private static Body samples(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.START_OBJECT, at, "an object of channels");
    var channels = new TreeMap<String, double[]>();
    var seen = new HashSet<String>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var name = whole(parser.currentName(), at);
      once(seen, at, name);
      parser.nextToken();
      channels.put(name, channel(parser, at.child(name)));
    }
    return channels.isEmpty() ? Body.EMPTY : Samples.of(channels);
  }

  private static double[] channel(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.START_ARRAY, at, "an array of numbers");
    var samples = new double[16];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (count == samples.length) {
        samples = Arrays.copyOf(samples, count * 2);
      }
      samples[count] = sample(parser, at, count);
      count++;
    }
    return Arrays.copyOf(samples, count);
  }

  private static double sample(JsonParser parser, Location channel, int index)
      throws ProblemException {
    var token = parser.currentToken();
    if (token.isNumeric()) {
      double number = parser.getDoubleValue();
      if (number == 0 && token == JsonToken.VALUE_NUMBER_INT) {
        return parser.getString().startsWith("-") ? -0.0 : 0.0; // no integer has a signed zero
      }
      if (Double.isFinite(number)) {
        return number;
      }
    } else if (token == JsonToken.VALUE_STRING) {
      var number = FrameJson.notFinite(parser.getString());
      if (number != null) {
        return number;
      }
    }
    throw broken(
        channel.child(String.valueOf(index)),
        "a sample is a number of 64 bits, or \"NaN\", \"Infinity\" or \"-Infinity\"",
        null);
  }

  private static List<SampleTag> tags(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.START_ARRAY, at, "a list of tags");
    var tags = new ArrayList<SampleTag>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      tags.add(tag(parser, at.child(String.valueOf(tags.size()))));
    }
    return tags;
  }

  private static SampleTag tag(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.START_OBJECT, at, "an object with offset, key and value");
    var seen = new HashSet<String>();
    long offset = 0;
    var key = "";
    var value = "";
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var name = parser.currentName();
      once(seen, at, name);
      parser.nextToken();
      switch (name) {
        case "offset" -> offset = unsigned(parser, at.child(name));
        case "key" -> key = text(parser, at.child(name));
        case "value" -> value = text(parser, at.child(name));
        default -> throw broken(at.child(name), "a tag has no key " + name, null);
      }
    }
    if (seen.size() < 3 || offset < 0 || offset > Integer.MAX_VALUE) {
      throw broken(at, "a tag has an offset below 2147483648, a key and a value", null);
    }
    return new SampleTag((int) offset, key, value);
  }

  private static Metadata metadata(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.START_OBJECT, at, "an object of texts");
    var entries = new TreeMap<String, String>();
    var seen = new HashSet<String>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = whole(parser.currentName(), at);
      once(seen, at, key);
      parser.nextToken();
      entries.put(key, text(parser, at.child(key)));
    }
    return entries.isEmpty() ? Metadata.NONE : new Metadata(entries);
  }

  private static String text(JsonParser parser, Location at) throws ProblemException {
    want(parser, JsonToken.VALUE_STRING, at, "text");
    return whole(parser.getString(), at);
  }

  /// `text`, if it can be written again.
  private static String whole(String text, Location at) throws ProblemException {
    if (text.codePoints().anyMatch(point -> point >= 0xD800 && point <= 0xDFFF)) {
      throw broken(at, "a text holds half of a surrogate pair, which is no character", null);
    }
    return text;
  }

  /// The bytes of the value in hand.
  private byte[] verbatim(JsonParser parser) {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    return Arrays.copyOfRange(bytes, from, (int) parser.currentLocation().getByteOffset());
  }

  private static void want(JsonParser parser, JsonToken token, Location at, String what)
      throws ProblemException {
    if (parser.currentToken() != token) {
      throw broken(at, what + " is wanted here", null);
    }
  }

  private static void once(Set<String> seen, Location at, String key) throws ProblemException {
    if (!seen.add(key)) {
      throw broken(at.child(key), "the key " + key + " stands here twice", "Remove one.");
    }
  }

  private static ProblemException broken(Location at, String what, @Nullable String fix) {
    return new ProblemException(Problem.error("E_FRAME", at, what, fix));
  }
}
