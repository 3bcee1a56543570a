package dev.millrace.gateway.sse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SseFormTest {
  private static Message message(String type, String payload) {
    return new Message(
        type,
        payload.getBytes(StandardCharsets.UTF_8),
        payload.startsWith("{"),
        Priority.HIGH,
        "id-1",
        0,
        null);
  }

  private static String encoded(SseForm form, Message message, Stamp stamp) {
    var out = Unpooled.buffer();
    out.writeBytes(new byte[] {1, 2, 3}); // somebody else's before it
    int timestamp = form.encode(message, stamp, out);
    out.skipBytes(3);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message));
    assertThat(out.toString(3 + timestamp, 24, StandardCharsets.UTF_8))
        .isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(form.lastPosition(out)).isEqualTo(new Position(stamp.epoch(), stamp.offset()));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anEventIsOneChunkWithTypeDataAndPlace() {
    var stamp = new Stamp().set(42, 7, 0, 0);
    var chunk = encoded(SseForm.SSE, message("label", "{\"x\":1}"), stamp);
    assertThat(Integer.parseInt(chunk.substring(0, 8), 16)).isEqualTo(chunk.length() - 12);
    assertThat(chunk.substring(8))
        .isEqualTo(
            """
            \r
            event: label
            data: {"t":"label","id":"id-1","ts":"1970-01-01T00:00:00.000Z","p":{"x":1},"pri":8,"v":1}
            id: 0000002a-000000000007

            \r
            """);
    assertThat(encoded(SseForm.SSE_MANY_BARE, message("label", "7"), stamp))
        .isEqualTo(
            """
            event: label
            data: {"t":"label","id":"id-1","ts":"1970-01-01T00:00:00.000Z","p":{"data":7},"pri":8,"v":1}
            : 0000002a-000000000007

            """);
  }

  @ParameterizedTest
  @EnumSource(SseForm.class)
  void aTypeWithLineEndsBeginsNoField(SseForm form) {
    var text = encoded(form, message("a\nid: 1\r\0b", "1"), new Stamp().set(1, 1, 0, 0));
    assertThat(text).contains("event: a id: 1  b\n");
  }

  @ParameterizedTest
  @EnumSource(SseForm.class)
  void ownFramesHaveNoPlace(SseForm form) {
    for (var lines :
        new String[] {":\n\n", "id: x\n\n", "retry: 1\ndata: 00000000-000000000000x\n\n"}) {
      var frame = form.frame(lines);
      assertThat(form.lastPosition(frame)).isNull();
      assertThat(frame.toString(StandardCharsets.UTF_8)).contains(lines);
      frame.release();
    }
  }

  @Test
  void whateverIsPublishedIsReadBackAsTheSameValue() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var forms = List.of(SseForm.values());
    var pieces = new String[] {"1", "\"\\n\"", "{}", "[\n1,\r2]", "{\"a\":\r\n\"é\"}", "\n7\n"};
    for (int i = 0; i < 5_000; i++) {
      var list = new StringBuilder("[");
      for (int n = random.nextInt(4); n >= 0; n--) {
        list.append(pieces[random.nextInt(pieces.length)]).append(n > 0 ? "\n," : "]");
      }
      var form = forms.get(random.nextInt(forms.size()));
      check(form, "t" + random.nextInt(), list.toString(), "seed " + seed);
    }
  }

  @FuzzTest
  void noBytesMakeAnEventOfTwo(FuzzedDataProvider data) {
    var form = data.pickValue(SseForm.values());
    var type = data.consumeString(20);
    var payload = data.consumeRemainingAsString();
    if (!type.isEmpty() && Json.kindOf(payload.getBytes(StandardCharsets.UTF_8)) != null) {
      check(form, type, payload, "fuzzed");
    }
  }

  private static void check(SseForm form, String type, String payload, String what) {
    var text = encoded(form, message(type, payload), new Stamp().set(5, 9, 0, 0));
    var json = new StringBuilder();
    int events = 0;
    for (var line : text.split("\r\n|\n|\r", -1)) {
      if (line.startsWith("data: ")) {
        json.append(line.substring(6)).append('\n');
      }
      events += line.startsWith("event: ") ? 1 : 0;
    }
    assertThat(events).as(what).isEqualTo(1);
    var bytes = payload.getBytes(StandardCharsets.UTF_8);
    var envelope = Json.tree(json.toString().getBytes(StandardCharsets.UTF_8)).path("p");
    boolean object = payload.startsWith("{");
    assertThat(object ? envelope : envelope.path("data")).as(what).isEqualTo(Json.tree(bytes));
  }
}
