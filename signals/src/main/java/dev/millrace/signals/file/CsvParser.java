package dev.millrace.signals.file;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gathers the rows of a frame: rows that follow one another with the same timestamp and sequence.
/// A row with index 0 of a channel that is there already begins another frame, too. Samples whose
/// rows are missing are NaN.
final class CsvParser implements LineParser {
  static final int MOST_SAMPLES = 1 << 22; // of one frame
  static final int MOST_MISSING = 65_536; // samples whose rows are missing, in one place
  private static final int FIELDS = 5;

  private final Map<String, Channel> channels = new LinkedHashMap<>(); // of the frame in hand
  private long timestamp;
  private long sequence;
  private int total; // samples of the frame in hand
  private long covered;

  private record Row(long timestamp, long sequence, String channel, int index, double value) {}

  /// Samples that become more.
  private static final class Channel {
    private double[] values = new double[16];
    private int length;

    void put(int index, double value) {
      if (index >= values.length) {
        values = Arrays.copyOf(values, Math.max(values.length * 2, index + 1));
      }
      Arrays.fill(values, length, index, Double.NaN);
      values[index] = value;
      length = index + 1;
    }
  }

  @Override
  public @Nullable Frame line(byte[] line, long number) throws BrokenLineException {
    if (!Json.isUtf8(line)) {
      throw new BrokenLineException("the line is not UTF-8");
    }
    var text = new String(line, StandardCharsets.UTF_8);
    if (number == 1) {
      text = text.startsWith("\uFEFF") ? text.substring(1) : text;
      if (text.equals(FrameLines.Csv.HEADER)) {
        covered = number;
        return null;
      }
    }
    var row = row(text);
    var channel = channels.get(row.channel);
    boolean another =
        row.timestamp != timestamp
            || row.sequence != sequence
            || (row.index == 0 && channel != null);
    int next = another || channel == null ? 0 : channel.length;
    if (row.index < next) {
      throw new BrokenLineException("index " + row.index + " comes after " + (next - 1));
    }
    if (row.index - next > MOST_MISSING) {
      throw new BrokenLineException("index " + row.index + " leaves out too many behind " + next);
    }
    int grown = (another ? 0 : total) + row.index - next + 1;
    if (grown < 0 || grown > MOST_SAMPLES) {
      throw new BrokenLineException("the frame has more than " + MOST_SAMPLES + " samples");
    }
    var complete = another ? take(number - 1) : null;
    timestamp = row.timestamp;
    sequence = row.sequence;
    total = grown;
    channels.computeIfAbsent(row.channel, name -> new Channel()).put(row.index, row.value);
    return complete;
  }

  @Override
  public @Nullable Frame end(long number) {
    return take(number);
  }

  @Override
  public long covered() {
    return covered;
  }

  private @Nullable Frame take(long upTo) {
    covered = upTo;
    if (channels.isEmpty()) {
      return null;
    }
    var arrays = new LinkedHashMap<String, double[]>();
    channels.forEach(
        (name, channel) -> arrays.put(name, Arrays.copyOf(channel.values, channel.length)));
    channels.clear();
    total = 0;
    return new Frame(timestamp, sequence, Samples.of(arrays), Metadata.NONE);
  }

  private static Row row(String text) throws BrokenLineException {
    var fields = fields(text);
    if (fields.size() != FIELDS) {
      throw new BrokenLineException(fields.size() + " fields where " + FIELDS + " are wanted");
    }
    try {
      int index = Integer.parseInt(fields.get(3));
      if (index < 0 || index >= MOST_SAMPLES) {
        throw new BrokenLineException(
            "index " + index + " where 0 to " + (MOST_SAMPLES - 1) + " is wanted");
      }
      return new Row(
          Long.parseUnsignedLong(fields.get(0)),
          Long.parseUnsignedLong(fields.get(1)),
          fields.get(2),
          index,
          Double.parseDouble(fields.get(4)));
    } catch (NumberFormatException noNumber) {
      throw new BrokenLineException("a field that should be a number is none");
    }
  }

  /// The fields of a record on one line. Source: RFC 4180, section 2.
  private static List<String> fields(String text) throws BrokenLineException {
    var fields = new ArrayList<String>(FIELDS);
    int at = 0;
    while (fields.size() <= FIELDS) {
      int end;
      if (at < text.length() && text.charAt(at) == '"') {
        var field = new StringBuilder();
        end = unquote(text, at + 1, field);
        fields.add(field.toString());
      } else {
        end = text.indexOf(',', at);
        end = end < 0 ? text.length() : end;
        fields.add(text.substring(at, end));
      }
      if (end == text.length()) {
        break;
      }
      if (text.charAt(end) != ',') {
        throw new BrokenLineException("something follows a quoted field");
      }
      at = end + 1;
    }
    return fields;
  }

  /// Reads behind a quote into `field`; gives the place behind the closing one.
  private static int unquote(String text, int from, StringBuilder field)
      throws BrokenLineException {
    for (int at = from; at < text.length(); at++) {
      if (text.charAt(at) != '"') {
        field.append(text.charAt(at));
      } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
        field.append('"');
        at++;
      } else {
        return at + 1;
      }
    }
    throw new BrokenLineException("a quote is not closed");
  }
}
