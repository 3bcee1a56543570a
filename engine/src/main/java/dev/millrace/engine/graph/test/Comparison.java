package dev.millrace.engine.graph.test;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Compares what a node emitted with what is expected, and says each difference in a sentence.
final class Comparison {
  private static final int MOST = 20; // what follows is mostly the same again

  private final String node;
  private final List<String> failures = new ArrayList<>();

  private Comparison(String node) {
    this.node = node;
  }

  static List<String> failures(String node, Expected expected, List<Frame> frames) {
    var comparison = new Comparison(node);
    var count = expected.count();
    if (count != null && count != frames.size()) {
      comparison.fail("emitted " + frames.size() + " frames, not " + count);
    }
    var wanted = expected.frames();
    if (wanted != null) {
      comparison.frames(wanted, frames, expected.tolerance());
    }
    expected.checks().forEach(check -> comparison.check(check, frames, expected.tolerance()));
    return comparison.failures;
  }

  private void frames(List<Expected.ExpectedFrame> wanted, List<Frame> frames, double tolerance) {
    if (wanted.size() != frames.size()) {
      fail("emitted " + frames.size() + " frames, not " + wanted.size());
    }
    for (int i = 0; i < Math.min(wanted.size(), frames.size()); i++) {
      var want = wanted.get(i);
      var got = frames.get(i);
      var frame = "frame " + i + ": ";
      if (want.timestamp()) {
        unsigned(frame + "timestamp", want.frame().timestampMicros(), got.timestampMicros());
      }
      if (want.sequence()) {
        unsigned(frame + "sequence_id", want.frame().sequence(), got.sequence());
      }
      if (want.metadata()) {
        same(frame + "metadata", want.frame().metadata().entries(), got.metadata().entries());
      }
      if (want.body()) {
        body(frame, want.frame().body(), got.body(), tolerance);
      }
    }
  }

  private void body(String frame, Body want, Body got, double tolerance) {
    if (want instanceof Body.JsonBytes json && got instanceof Body.JsonBytes other) {
      same(frame + "json", json.tree(), other.tree());
      return;
    }
    if (samples(want) == null || samples(got) == null) {
      same(frame + "body", want, got);
      return;
    }
    var wanted = Objects.requireNonNull(samples(want)).channels();
    var channels = Objects.requireNonNull(samples(got)).channels();
    if (!wanted.keySet().equals(channels.keySet())) {
      fail(frame + "channels are " + channels.keySet() + ", not " + wanted.keySet());
      return;
    }
    wanted.forEach(
        (name, values) ->
            samples(frame + name, values, channels.getOrDefault(name, new double[0]), tolerance));
  }

  private void samples(String channel, double[] want, double[] got, double tolerance) {
    if (want.length != got.length) {
      fail(channel + " has " + got.length + " samples, not " + want.length);
      return;
    }
    for (int i = 0; i < want.length; i++) {
      if (!near(want[i], got[i], tolerance)) {
        fail(channel + "[" + i + "] is " + got[i] + ", not " + want[i] + off(tolerance));
        return;
      }
    }
  }

  private void check(Check check, List<Frame> frames, double general) {
    var own = check.tolerance();
    double tolerance = own == null ? general : own;
    var number = check.frame();
    if (number != null && number >= frames.size()) {
      fail("emitted " + frames.size() + " frames, so there is no frame " + number);
    } else if (number != null) {
      check(check, "frame " + number + ": ", frames.get(number), tolerance);
    } else if (frames.isEmpty()) {
      fail("emitted no frame to look at");
    }
    for (int i = 0; number == null && i < frames.size(); i++) {
      check(check, "frame " + i + ": ", frames.get(i), tolerance);
    }
  }

  private void check(Check check, String frame, Frame got, double tolerance) {
    if (check.sequenceId() != null) {
      unsigned(frame + "sequence_id", check.sequenceId(), got.sequence());
    }
    check
        .metadata()
        .forEach(
            (key, value) ->
                same(frame + "metadata " + key, value, got.metadata().entries().get(key)));
    var samples = samples(got.body());
    if (samples == null) {
      if (check.looksAtChannels() || check.channels() != null) {
        fail(frame + "there are no channels");
      }
      return;
    }
    var names = samples.channels().keySet();
    if (check.channels() != null && !names.equals(new HashSet<>(check.channels()))) {
      fail(frame + "channels are " + names + ", not " + check.channels());
    }
    if (!check.looksAtChannels()) {
      return;
    }
    if (check.channel() == null ? names.isEmpty() : !names.contains(check.channel())) {
      fail(frame + "there is no channel " + (check.channel() == null ? "" : check.channel()));
    }
    samples
        .channels()
        .forEach(
            (name, values) -> {
              if (check.channel() == null || check.channel().equals(name)) {
                numbers(check, frame + name, values, tolerance);
              }
            });
  }

  private void numbers(Check check, String channel, double[] values, double tolerance) {
    if (check.length() != null) {
      same(channel + " length", check.length(), values.length);
    }
    double sum = 0;
    double squares = 0;
    double peak = 0;
    for (double value : values) {
      sum += value;
      squares += value * value;
      peak = Math.max(peak, Math.abs(value));
    }
    int length = Math.max(1, values.length);
    number(channel + " rms", check.rms(), Math.sqrt(squares / length), tolerance);
    number(channel + " mean", check.mean(), sum / length, tolerance);
    number(channel + " peak", check.peak(), peak, tolerance);
  }

  private void number(String what, @Nullable Double want, double got, double tolerance) {
    if (want != null && !near(want, got, tolerance)) {
      fail(what + " is " + got + ", not " + want + off(tolerance));
    }
  }

  private void unsigned(String what, long want, long got) {
    same(what, Long.toUnsignedString(want), Long.toUnsignedString(got));
  }

  private void same(String what, Object want, @Nullable Object got) {
    if (!want.equals(got)) {
      fail(what + " is " + got + ", not " + want);
    }
  }

  private void fail(String sentence) {
    if (failures.size() < MOST) {
      failures.add(node + ": " + sentence);
    }
  }

  /// An empty body is one without channels.
  private static @Nullable Samples samples(Body body) {
    return switch (body) {
      case Samples samples -> samples;
      case Body.Empty() -> Samples.NONE;
      default -> null;
    };
  }

  private static boolean near(double want, double got, double tolerance) {
    return Double.compare(want, got) == 0 || Math.abs(want - got) <= tolerance;
  }

  private static String off(double tolerance) {
    return tolerance == 0 ? "" : " within " + tolerance;
  }
}
