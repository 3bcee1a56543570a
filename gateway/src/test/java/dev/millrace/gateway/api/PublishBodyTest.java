package dev.millrace.gateway.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.hub.Message;
import dev.millrace.hub.Priority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishBodyTest {
  private static List<Message> read(String body) throws PublishBody.Unreadable {
    return PublishBody.read(body.getBytes(UTF_8), 1_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"b\" : 1e3, \"a\":[ 1.00 ]}",
        "[1, 2]",
        "12",
        "-0.50",
        "1E400",
        "\"gr\\u00fc\\n漢\"",
        "true",
        "null",
        "{}",
        "\"\"",
        "123456789012345678901234567890"
      })
  void keepsThePayloadByteForByte(String payload) throws Exception {
    for (var body :
        List.of(
            "{\"type\":\"t\",\"payload\":" + payload + "}",
            " { \"payload\" :  " + payload + "  , \"type\":\"t\"}\n",
            "{\"id\":\"漢字\",\"payload\":" + payload + ",\"type\":\"t\"}")) {
      var message = read(body).getFirst();
      assertThat(new String(message.payload(), UTF_8)).as(body).isEqualTo(payload);
      assertThat(message.object()).isEqualTo(payload.startsWith("{"));
      assertThat(PublishBody.raw(payload.getBytes(UTF_8), "t", 1).object())
          .isEqualTo(message.object());
    }
  }

  @Test
  void readsEverythingAnEventMayCarry() throws Exception {
    var messages =
        read(
            "[{\"type\":\"a\",\"payload\":1},{\"type\":\"b\",\"payload\":{},\"priority\":\"high\","
                + "\"id\":\"i\",\"ts\":\"1970-01-01T00:00:05Z\",\"correlation_id\":\"c\","
                + "\"category\":\"U\"},{\"type\":\"c\",\"payload\":0,\"priority\":10,\"ts\":77}]");
    assertThat(messages).hasSize(3);
    assertThat(messages.get(0).timestampMillis()).isEqualTo(1_000);
    assertThat(messages.get(0).priority()).isEqualTo(Priority.NORMAL);
    assertThat(messages.get(1).id()).isEqualTo("i");
    assertThat(messages.get(1).correlationId()).isEqualTo("c");
    assertThat(messages.get(1).timestampMillis()).isEqualTo(5_000);
    assertThat(messages.get(1).priority()).isEqualTo(Priority.HIGH);
    assertThat(messages.get(2).priority()).isEqualTo(Priority.CRITICAL);
    assertThat(messages.get(2).timestampMillis()).isEqualTo(77);
    assertThat(read("[]")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``| ``|the body is empty",
        "{\"type\":\"t\"}| ``|needs type and payload",
        "[{\"type\":\"t\",\"payload\":1},{\"payload\":1}]|/1|needs type and payload",
        "[{\"type\":\"t\",\"payload\":1},7]|/1|an event is an object",
        "{\"type\":7,\"payload\":1}|/type|type is a text",
        "{\"type\":\"t\",\"payload\":1,\"priority\":\"urgent\"}|/priority|critical, high",
        "{\"type\":\"t\",\"payload\":1,\"ts\":\"now\"}|/ts|milliseconds",
        "{\"type\":\"t\",\"payload\":1,\"a/b\":1}|/a~1b|not known",
        "{\"type\":\"t\",\"payload\":1} x| ``|not JSON",
        "{\"type\":\"t\",\"payload\":1} 2| ``|something follows",
        "{\"type\":\"t\",\"payload\":{]}| ``|not JSON",
        "7| ``|an event or an array",
      })
  void saysWhatIsWrongAndWhere(String body, String where, String what) {
    assertThatThrownBy(() -> read(body == null ? "" : body))
        .isInstanceOfSatisfying(
            PublishBody.Unreadable.class,
            wrong -> {
              assertThat(wrong.where()).isEqualTo(where == null ? "" : where.strip());
              assertThat(wrong.what()).contains(what);
            });
  }

  @Test
  void refusesABodyThatIsNotUtf8AlsoWhereTheParserWouldLetItPass() {
    var overlong = "{\"type\":\"x\",\"payload\":\"__\"}".getBytes(StandardCharsets.UTF_8);
    overlong[overlong.length - 4] = (byte) 0xC1;
    overlong[overlong.length - 3] = (byte) 0xBC;
    assertThatThrownBy(() -> PublishBody.read(overlong, 0))
        .isInstanceOf(PublishBody.Unreadable.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void survivesThousandsOfMutatedBodies() {
    long seed = 5;
    var random = new Random(seed);
    var sound =
        "[{\"type\":\"a\",\"payload\":{\"x\":[1,\"é\"]},\"ts\":5,\"priority\":\"low\"}]"
            .getBytes(UTF_8);
    for (int round = 0; round < 10_000; round++) {
      var bytes = sound.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      survivesAnyBytes(bytes);
    }
  }

  @FuzzTest
  void survivesAnyBytes(byte[] bytes) {
    try {
      for (var message : PublishBody.read(bytes, 1)) {
        PublishBody.raw(message.payload(), "t", 1); // a payload is itself sound
      }
    } catch (PublishBody.Unreadable wrong) {
      assertThat(wrong.what()).isNotBlank();
    }
    try {
      PublishBody.raw(bytes, "t", 1);
    } catch (PublishBody.Unreadable wrong) {
      assertThat(wrong.what()).isNotBlank();
    }
  }
}
