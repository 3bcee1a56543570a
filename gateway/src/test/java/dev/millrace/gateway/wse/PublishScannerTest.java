package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishScannerTest {
  private static final long NOW = 1_750_000_000_000L;
  private static final List<String> NAMES =
      List.of("topic", "type", "id", "correlation_id", "category", "priority", "payload", "other");
  private static final List<String> VALUES =
      List.of(
          "\"a\"",
          "\"é\"",
          "\"U\"",
          "\"high\"",
          "8",
          "null",
          "true",
          "{\"x\": 1.0}",
          "[ ]",
          "\"a\\n\"");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"topic\":\"a\",\"payload\":{}}",
        "{ \"topic\" : \"a\" , \"type\":\"t\",\"id\":\"7\", \"payload\" : [1, {\"b\":2}] ,"
            + " \"x\":[]}",
        "{\"payload\":null,\"priority\":\"High\",\"category\":\"S\",\"correlation_id\":\"c\",\"topic\":\"é\"}"
      })
  void whatClientsUsuallyPublishIsRead(String payload) {
    assertThat(agrees(utf8("{\"t\":\"publish\",\"p\":" + payload + "}"), payload)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"topic\":\"a\"}",
        "{\"payload\":1}",
        "{\"topic\":\"a\",\"payload\":1,\"priority\":8}",
        "{\"topic\":\"a\",\"payload\":1,\"priority\":\"urgent\"}",
        "{\"topic\":\"a\",\"payload\":1,\"category\":\"X\",\"category\":\"U\"}",
        "{\"topic\":\"a\\u0062\",\"payload\":1}",
        "{\"topic\":1,\"payload\":1}"
      })
  void whatIsUnusualOrWrongIsLeftToTheParser(String payload) {
    assertThat(agrees(utf8("{\"t\":\"publish\",\"p\":" + payload + "}"), payload)).isFalse();
  }

  @Test
  void whateverItReadsTheParserReadsToo() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      var text = new StringBuilder("{\"t\":\"publish\",\"p\":{");
      for (int member = random.nextInt(6); member >= 0; member--) {
        var name = anyOf(NAMES, random);
        var value = random.nextInt(4) == 0 ? anyOf(VALUES, random) : usual(name);
        text.append('"').append(name).append("\":").append(value).append(member > 0 ? "," : "");
      }
      var bytes = utf8(text.append("}}").toString());
      if (random.nextInt(3) == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) "{}[]\":,\\ x1".charAt(random.nextInt(11));
      }
      read += agrees(bytes, "seed " + seed + ", round " + i + ": " + text) ? 1 : 0;
    }
    assertThat(read).as("seed %d", seed).isGreaterThan(1_000);
  }

  @FuzzTest
  void anyPayloadIsReadAsTheParserReadsIt(byte[] bytes) {
    agrees(bytes, Arrays.toString(bytes));
  }

  private static String usual(String name) {
    return switch (name) {
      case "category" -> "\"U\"";
      case "priority" -> "\"high\"";
      case "payload" -> "{\"x\": 1.0}";
      default -> "\"a\"";
    };
  }

  private static String anyOf(List<String> texts, Random random) {
    return texts.get(random.nextInt(texts.size()));
  }

  /// Whether the scanner reads it; then the parser must read the same.
  private static boolean agrees(byte[] bytes, String described) {
    if (!(InboundDecoder.decode(bytes) instanceof Inbound.Request request)
        || request.payloadFrom() == request.payloadTo()
        || request.json()[request.payloadFrom()] != '{') {
      return false;
    }
    var scanned = PublishScanner.scan(request, NOW);
    if (scanned == null) {
      return false;
    }
    assertThat(PublishRequest.parsed(request, NOW))
        .as(described)
        .isInstanceOfSatisfying(
            PublishRequest.Outcome.Read.class,
            parsed -> assertThat(values(scanned)).isEqualTo(values(parsed.request())));
    return true;
  }

  private static List<?> values(PublishRequest request) {
    var message = request.message();
    return Arrays.asList(
        request.topic(),
        message.type(),
        new String(message.payload(), StandardCharsets.UTF_8),
        message.object(),
        message.priority(),
        message.id(),
        message.timestampMillis(),
        message.correlationId(),
        message.extras());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
