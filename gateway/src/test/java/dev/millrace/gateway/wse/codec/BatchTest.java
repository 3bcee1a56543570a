package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static Batch.Split split(String json) {
    var bytes = WireFrame.bytes("##" + json + "##");
    return Batch.split(bytes, 2, bytes.length - 2, 3);
  }

  private static List<String> items(String json) {
    return ((Batch.Split.Messages) split(json)).items().stream().map(WireFrame::text).toList();
  }

  @Test
  void aBatchIsSplitIntoTheBytesOfItsMessages() {
    assertThat(items("{\"count\":2,\"messages\":[ {\"t\" : \"a\"} ,{\"t\":\"b\",\"p\":[1]}]}"))
        .containsExactly("{\"t\" : \"a\"}", "{\"t\":\"b\",\"p\":[1]}");
    assertThat(items("{\"messages\":[]}")).isEmpty();
    assertThat(items("{\"messages\":[1,\"x\",null]}")).containsExactly("1", "\"x\"", "null");
    assertThat(items("{\"messages\":[1],\"messages\":[2]}")).containsExactly("2");
  }

  @Test
  void aBatchThatIsNoneSaysWhy() {
    assertThat(split("[1]")).isEqualTo(wrong("a batch needs a payload with messages"));
    assertThat(split("")).isEqualTo(wrong("a batch needs a payload with messages"));
    assertThat(split("{\"messages\":1}")).isEqualTo(wrong("a batch needs a list of messages"));
    assertThat(split("{\"x\":[1]}")).isEqualTo(wrong("a batch needs a list of messages"));
    assertThat(split("{\"messages\":[1,2,3,4]}"))
        .isEqualTo(wrong("a batch holds at most 3 messages"));
    assertThat(split("{\"messages\":[")).isEqualTo(wrong("the payload of the batch is not JSON"));
    assertThat(split("{\"messages\":" + "[".repeat(100_000)))
        .isEqualTo(wrong("the payload of the batch is not JSON"));
  }

  private static Batch.Split wrong(String why) {
    return new Batch.Split.Wrong(why);
  }

  @Test
  void whatIsWrittenIsSplitAgain() {
    var out = Unpooled.buffer();
    Batch.write(
        List.of(WireFrame.buffer("U{\"t\":\"a\"}"), WireFrame.buffer("{\"t\":\"b\"}")), out);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "U{\"t\":\"batch\",\"p\":{\"messages\":[{\"t\":\"a\"},{\"t\":\"b\"}],\"count\":2},\"v\":1}");
    assertThatThrownBy(() -> Batch.write(List.of(WireFrame.buffer("U")), out))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void damagedBatchesNeverFailAndTheirMessagesAreWholeValues() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 5_000; i++) {
      var batch = "{\"messages\":[" + json.object(2) + "," + json.value(2) + "],\"count\":2}";
      anyBatchIsSplitWithoutFailing(json.damaged(WireFrame.bytes(batch)));
    }
  }

  @FuzzTest
  void anyBatchIsSplitWithoutFailing(byte[] bytes) {
    if (Batch.split(bytes, 0, bytes.length, 100) instanceof Batch.Split.Messages(var items)
        && Json.isUtf8(bytes)) {
      assertThat(items).allSatisfy(item -> assertThat(Json.kindOf(item)).isNotNull());
    }
  }
}
