package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.gateway.wse.crypto.ClientKeys;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.hub.Message;
import dev.millrace.testkit.Await;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;
import org.slf4j.LoggerFactory;

/// Whole connections that are sent anything in any framing.
class WseFramingsFuzzTest {
  private static final List<String> ADDRESSES =
      List.of(
          "/wse?topics=a",
          "/wse?topics=a&compression=false",
          "/wse?topics=a&format=msgpack",
          "/wse?topics=a&encryption=true",
          "/wse?topics=a&encryption=true&message_signing=true&format=msgpack",
          "/wse?topics=a&message_signing=true");

  private static final List<String> REQUESTS =
      List.of(
          "config_request",
          "health_check",
          "metrics_request",
          "client_hello",
          "encryption_request",
          "key_rotation_request",
          "config_update",
          "publish",
          "batch",
          "ping",
          "sync_request",
          "anything");

  private static final List<String> PAYLOADS =
      List.of(
          "{}",
          "{\"action\":\"enable\"}",
          "{\"action\":\"enable\",\"public_key\":\"KEY\"}",
          "{\"action\":\"disable\"}",
          "{\"encryption_public_key\":\"KEY\"}",
          "{\"compression_enabled\":false}",
          "{\"compression_enabled\":true,\"compression_threshold\":512}",
          "{\"topic\":\"a\",\"payload\":{\"x\":[1,2,3]},\"category\":\"S\"}",
          "{\"messages\":[{\"t\":\"config_request\"},{\"t\":\"ping\"},7]}",
          "[1,\"é\",null]");

  @Test
  void nothingThrowsOrLeaksAndEveryConnectionGoesOn() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var leaks = new ListAppender<ILoggingEvent>();
    leaks.start();
    var detector = (Logger) LoggerFactory.getLogger("io.netty.util.ResourceLeakDetector");
    detector.addAppender(leaks);
    try (var gateway = new TestGateway(2)) {
      for (var address : ADDRESSES) {
        converse(gateway, address, random, seed);
      }
      Await.until("all are gone", () -> gateway.dialect.connections() == 0);
      Await.until("nothing is held", () -> gateway.hub.stats().memoryBytes() == 0);
      assertThat(gateway.metrics.count(WseMetric.HANDLER_ERRORS)).as("seed %d", seed).isZero();
    } finally {
      System.gc();
      for (int i = 0; i < 200; i++) {
        PooledByteBufAllocator.DEFAULT.directBuffer().release(); // which reports what was found
      }
      detector.detachAppender(leaks);
    }
    assertThat(leaks.list).as("seed %d", seed).isEmpty();
  }

  private static void converse(TestGateway gateway, String address, Random random, long seed)
      throws InterruptedException {
    var client = gateway.connect(address);
    var keys = new ClientKeys(random.nextBoolean() ? KeyDerivation.SALTED : KeyDerivation.UNSALTED);
    var details = client.next("server_ready").path("p").path("details");
    boolean sealed = details.has("encryption_public_key");
    var own = sealed ? keys.answer(details.path("encryption_public_key").asString()) : keys.begin();
    for (int i = 0; i < 400; i++) {
      var json =
          "{\"t\":\""
              + pick(REQUESTS, random)
              + "\",\"p\":"
              + pick(PAYLOADS, random).replace("KEY", own)
              + "}";
      client.sendBinary(mutated(framed(json, sealed ? keys : null, random), random));
      if (i % 20 == 0) {
        var text = "{\"text\":\"" + "long ".repeat(random.nextInt(600)) + "\"}";
        var message = Message.of("x", text.getBytes(StandardCharsets.UTF_8), true, 0);
        gateway.hub.publish("a", List.of(message));
      }
    }
    client.send("PING:" + seed);
    while (!client
        .nextMessage()
        .toString()
        .startsWith("text WSE{\"t\":\"PONG\",\"p\":{\"client_timestamp\":" + seed)) {
      assertThat(gateway.dialect.connections()).as("seed %d", seed).isPositive();
    }
    if (random.nextBoolean()) {
      client.abort();
    } else {
      client.close();
    }
  }

  private static byte[] framed(String json, @Nullable ClientKeys keys, Random random) {
    var out = new ByteArrayOutputStream();
    try {
      switch (random.nextInt(5)) {
        case 0 -> {
          out.writeBytes(utf8("C:"));
          try (var deflater = new DeflaterOutputStream(out)) {
            deflater.write(utf8(json));
          }
        }
        case 1 -> {
          out.writeBytes(utf8(random.nextBoolean() ? "M:" : ""));
          try (var packer = MessagePack.newDefaultBufferPacker()) {
            packer.packMapHeader(1).packString("t").packString(json.substring(6, 12));
            out.writeBytes(packer.toByteArray());
          }
        }
        case 2 -> out.writeBytes(keys == null ? utf8("E:" + json) : keys.sealed(json));
        default -> out.writeBytes(utf8((random.nextBoolean() ? "WSE" : "") + json));
      }
    } catch (java.io.IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out.toByteArray();
  }

  /// Half of them as they are.
  private static byte[] mutated(byte[] message, Random random) {
    for (int times = random.nextInt(2) * random.nextInt(4); times > 0; times--) {
      message[random.nextInt(message.length)] = (byte) random.nextInt();
    }
    return message;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String pick(List<String> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
