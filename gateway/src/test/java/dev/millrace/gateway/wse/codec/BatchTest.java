package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.json.Json;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final int MOST = 1_000;

  private final Batch batch = new Batch(MOST);

  @AfterEach
  void close() {
    batch.close();
  }

  private static String text(ByteBuf content) {
    return content.toString(StandardCharsets.UTF_8);
  }

  @Test
  void envelopesStandTogetherWithoutTheirCategoriesOrAlone() {
    batch.add(WireFrame.buffer("U{\"t\":\"a\"}"));
    batch.add(WireFrame.buffer("{\"t\":\"b\"}"));
    batch.add(WireFrame.buffer("WSE{\"t\":\"c\",\"p\":{}}"));
    assertThat(text(batch.together()))
        .isEqualTo(
            "U{\"t\":\"batch\",\"p\":{\"messages\":[{\"t\":\"a\"},{\"t\":\"b\"},"
                + "{\"t\":\"c\",\"p\":{}}],\"count\":3},\"v\":1}");
    assertThat(text(batch.alone(0))).isEqualTo("U{\"t\":\"a\"}");
    assertThat(text(batch.alone(2))).isEqualTo("WSE{\"t\":\"c\",\"p\":{}}");
    batch.clear();
    assertThat(batch.count()).isZero();
    assertThatThrownBy(batch::together).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void noBatchHasMoreEnvelopesThanAClientMayAskFor() {
    var large = new Batch(1 << 20);
    for (int i = 0; i < Batch.MOST; i++) {
      assertThat(large.hasRoomFor(10)).isTrue();
      large.add(WireFrame.buffer("{\"n\":" + i + "}"));
    }
    assertThat(large.hasRoomFor(10)).isFalse();
    assertThat(text(large.together())).endsWith("{\"n\":99}],\"count\":100},\"v\":1}");
    large.close();
  }

  @Test
  void whatFitsMakesNoLongerFrameThanIsAllowedAndComesBackAsItWas() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var added = new ArrayList<String>();
      while (true) {
        var envelope = "{\"t\":\"" + "é".repeat(random.nextInt(90)) + "\",\"p\":" + round + "}";
        if (!batch.hasRoomFor(envelope.getBytes(StandardCharsets.UTF_8).length)) {
          break;
        }
        batch.add(WireFrame.buffer(envelope));
        added.add(envelope);
      }
      var content = batch.together();
      assertThat(content.readableBytes()).as("seed %d", seed).isLessThanOrEqualTo(MOST);
      var json = text(content).substring(1);
      var payload = Json.tree(json.getBytes(StandardCharsets.UTF_8)).path("p");
      assertThat(payload.path("count").asInt()).as("seed %d", seed).isEqualTo(added.size());
      assertThat(payload.path("messages").valueStream().map(Object::toString).toList())
          .as("seed %d", seed)
          .isEqualTo(added);
      batch.clear();
    }
  }
}
