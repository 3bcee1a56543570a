package dev.millrace.signals.file;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;

/// Frames as lines of text, each with its end. Confined to one thread.
sealed interface FrameLines {

  /// What stands before all frames.
  String header();

  Lines of(Frame frame);

  /// What became of a frame.
  sealed interface Lines {
    record Written(byte[] bytes) implements Lines {}

    /// It has no such form.
    record Refused(String reason, String sentence) implements Lines {}
  }

  static FrameLines of(FileFormat format) {
    return switch (format) {
      case CSV -> new Csv();
      case JSONL -> new JsonLines();
    };
  }

  /// One line per sample.
  final class Csv implements FrameLines {
    static final String HEADER = "timestamp,sequence_id,channel,index,value";

    private final StringBuilder text = new StringBuilder();

    @Override
    public String header() {
      return HEADER + "\n";
    }

    @Override
    public Lines of(Frame frame) {
      return switch (frame.body()) {
        case Body.Empty() -> new Lines.Written(new byte[0]);
        case Samples samples -> rows(frame, samples);
        case Body.Text _, Body.JsonBytes _ ->
            new Lines.Refused("no_samples", "a CSV file takes samples, not text or JSON");
      };
    }

    private Lines rows(Frame frame, Samples samples) {
      text.setLength(0);
      var start =
          Long.toUnsignedString(frame.timestampMicros())
              + ","
              + Long.toUnsignedString(frame.sequence())
              + ",";
      for (int c = 0; c < samples.count(); c++) {
        var name = samples.name(c);
        if (name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
          return new Lines.Refused(
              "channel_name", "a channel's name holds a line end, which a CSV file cannot");
        }
        var prefix = start + quoted(name) + ",";
        var values = samples.channel(c);
        for (int i = 0; i < values.length; i++) {
          text.append(prefix).append(i).append(',').append(values[i]).append('\n');
        }
      }
      return new Lines.Written(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String quoted(String name) {
      boolean plain =
          !name.isEmpty() && name.indexOf(',') < 0 && name.indexOf('"') < 0 && !name.contains(" ");
      return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
  }

  /// One line per frame.
  final class JsonLines implements FrameLines {
    @Override
    public String header() {
      return "";
    }

    @Override
    public Lines of(Frame frame) {
      if (frame.body() instanceof Body.JsonBytes json && Json.kindOf(json.bytes()) == null) {
        return new Lines.Refused("broken_json", Json.complaint(json.bytes()));
      }
      byte[] bytes;
      try {
        bytes = FrameJson.write(frame);
      } catch (JacksonException unwritable) {
        return new Lines.Refused("unwritable", unwritable.getOriginalMessage());
      }
      var line = new byte[bytes.length + 1];
      for (int i = 0; i < bytes.length; i++) {
        // Within JSON a bare line end is white space: only a body that came as bytes has one.
        line[i] = bytes[i] == '\n' || bytes[i] == '\r' ? (byte) ' ' : bytes[i];
      }
      line[bytes.length] = '\n';
      return new Lines.Written(line);
    }
  }
}
