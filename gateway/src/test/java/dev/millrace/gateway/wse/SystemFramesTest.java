package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.Subscriptions.Answer.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.HubSpec;
import dev.millrace.hub.SubscribeOutcome;
import io.netty.buffer.ByteBuf;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SystemFramesTest {
  private static final String CONNECTION = "ws_00112233_44556677";
  private static final ClientInfo CLIENT =
      new ClientInfo(
          new ClientName(0x0011223344556677L, 0x8899aabbccddeeffL, 0x0011223344556677L, null),
          new ClientFacts("1.4.3", 1, true, false, false, false, ClientFacts.NO_FEATURES),
          List.of(),
          "ws://localhost:8080/wse");

  private final SystemFrames frames =
      new SystemFrames(new FakeClock(), () -> "0197749e-1200-7000-8000-000000000001");
  private final HubSpec spec = HubSpec.defaults();
  private final Handshake handshake = new Handshake(spec, frames, "0.1.0", WseFeatures.NONE);

  private static void same(String name, ByteBuf frame) {
    var fixture = Fixtures.named("system-frames.json", name);
    assertThat(Fixtures.describe(frame))
        .isEqualTo(fixture.path("opcode").asString() + " " + fixture.path("frame").asString());
  }

  @Test
  void theHandshakeIsTheSharedOne() {
    same("server_ready", frames.frame("server_ready", handshake.ready(CLIENT, null, null), null));
    same("server_hello", frames.frame("server_hello", handshake.hello(CONNECTION, null), null));
  }

  @Test
  void anAcknowledgementListsWhatBecameOfEachTopic() {
    var ack =
        SubscriptionAck.subscribed(
            List.of(
                plain(new SubscribeOutcome.Subscribed("a")),
                plain(new SubscribeOutcome.AlreadySubscribed("b")),
                plain(new SubscribeOutcome.Refused("user:*", "patterns are not supported"))));
    var payload = ack.payload(List.of("b", "a"), spec.maxSubscriptions(), frames.nowText());
    same(
        "subscription_update after subscribing",
        frames.frame("subscription_update", payload, "req-1"));
  }

  @Test
  void anAcknowledgementOfVeryManyTopicsStaysWithinAMessage() {
    var topics = Collections.nCopies(1_000, "t".repeat(256));
    var payload =
        SubscriptionAck.unsubscribed(topics).payload(topics, spec.maxSubscriptions(), "now");
    assertThat(payload.toString().length()).isLessThan(Handshake.MAX_MESSAGE);
    assertThat(payload.path("message").asString()).endsWith("too many to list");
  }

  @Test
  void errorsAreTheSharedOnes() {
    same(
        "error",
        frames.error("INVALID_SUBSCRIPTION", "No topics specified", true, CONNECTION, null));
    same(
        "error before a close",
        frames.error(
            "SERVER_OVERLOAD",
            "The server has as many connections as it takes",
            false,
            null,
            null));
    same(
        "error for a message that is too large",
        frames.tooLarge("A message of 1048577 bytes exceeds 1048576", 1_048_576, CONNECTION));
  }

  @Test
  void signsOfLifeAreTheSharedOnes() {
    var beat = SystemFrames.object().put("timestamp", frames.now()).put("sequence", 42);
    same("heartbeat", frames.frame("heartbeat", beat, null));
    same("PING", frames.bare("PING", SystemFrames.object().put("timestamp", frames.now()), null));
    var pong =
        SystemFrames.object()
            .put("client_timestamp", 1_749_999_999_990L)
            .put("server_timestamp", frames.now())
            .put("connection_id", CONNECTION)
            .put("latency", 10);
    same("PONG", frames.bare("PONG", pong, null));
    same(
        "rate_limit_warning",
        frames.frame("rate_limit_warning", RateLimitWarning.payload(spec.rateLimit()), null));
  }

  @Test
  void idsAreOfVersionSeven() {
    var id = UUID.fromString(Uuid7.text(1_750_000_000_000L));
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(1_750_000_000_000L);
  }
}
