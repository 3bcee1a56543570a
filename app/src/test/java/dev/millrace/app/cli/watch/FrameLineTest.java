package dev.millrace.app.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameLineTest {
  private final FrameLine lines = new FrameLine(0, false, ZoneOffset.UTC);

  private String line(String place, String frame) {
    return line(lines, place, frame);
  }

  private static String line(FrameLine lines, String place, String frame) {
    var json = "{\"place\":\"" + place + "\",\"time\":1750000000123456,\"frame\":" + frame + "}";
    return lines.of(Json.tree(json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void channelsAreSaidByLengthMeanAndRms() {
    var frame =
        "{\"sequence_id\":7,\"payload\":{\"left\":[1,-1,1,-1],\"right\":[],\"sum\":[\"NaN\",2]}}";
    assertThat(line("gain->out", frame))
        .isEqualTo(
            "15:06:40.123  gain->out  #7  left[4] mean 0.000 rms 1.000  right[0]"
                + "  sum[2] mean NaN rms NaN");
  }

  @Test
  void ofManyChannelsOnlyTheFirstAreSaid() {
    var frame =
        "{\"sequence_id\":7,\"payload\":{\"a\":[1e-9],\"b\":[1e9],\"c\":[0],\"d\":[\"Infinity\"],"
            + "\"e\":[1],\"f\":[1]}}";
    assertThat(line("x", frame))
        .contains("a[1] mean 1.00e-09", "b[1] mean 1.00e+09", "c[1] mean 0.000", "d[1] mean Inf")
        .endsWith("  and 2 more channels");
  }

  @Test
  void jsonTextAndNothingAreSaidAsTheyAre() {
    assertThat(line("a", "{\"sequence_id\":1,\"json\":{\"b\": [1, \"x\"]}}"))
        .endsWith("#1  {\"b\":[1,\"x\"]}");
    assertThat(line("a", "{\"sequence_id\":18446744073709551615,\"text\":\"hello\"}"))
        .endsWith("#18446744073709551615  \"hello\"");
    assertThat(line("a", "{\"sequence_id\":1,\"payload\":{},\"metadata\":{\"trace_id\":\"x\"}}"))
        .endsWith("#1  (empty)  trace_id=x");
  }

  @Test
  void columnsBeginInOnePlaceAndALineIsNoLongerThanTheTerminal() {
    var narrow = new FrameLine(60, false, ZoneOffset.UTC);
    narrow.places(List.of("a", "long->edge"));
    var line = line(narrow, "a", "{\"sequence_id\":1,\"text\":\"" + "x".repeat(200) + "\"}");
    assertThat(line).startsWith("15:06:40.123  a           #1  \"xxx").endsWith("…").hasSize(60);
  }

  @Test
  void nothingThatIsShownCommandsTheTerminal() {
    var line = line("a\\u001b[2J", "{\"sequence_id\":1,\"text\":\"b\\u001b]0;c\\u0007\"}");
    assertThat(line).doesNotContain("\u001b", "\u0007").contains("a?[2J", "b?]0;c?");
    var coloured = new FrameLine(80, true, ZoneOffset.UTC);
    assertThat(line(coloured, "a", "{\"sequence_id\":1,\"text\":\"b\"}"))
        .contains("\u001b[1ma\u001b[0m");
  }
}
