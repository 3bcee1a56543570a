package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.codec.Batch;
import dev.millrace.gateway.wse.codec.CompressedForm;
import dev.millrace.gateway.wse.codec.CompressionThreads;
import dev.millrace.gateway.wse.codec.FrameContent;
import dev.millrace.gateway.wse.codec.MessagePackForm;
import dev.millrace.hub.FrameView;
import dev.millrace.hub.Priority;
import dev.millrace.hub.Stamp;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The frames of `framings.json`, which other implementations made, are made and read here byte for
/// byte; the sealed ones are the cryptography's.
class FramingFixturesTest {
  private static final long ID_HIGH = 0x0197749e12007abcL;
  private static final long ID_LOW = 0x8def0123456789abL;

  private static List<JsonNode> fixtures(String framing) {
    var found =
        Fixtures.read("framings.json").stream()
            .filter(one -> one.path("framing").asString().equals(framing))
            .toList();
    assertThat(found).isNotEmpty();
    return found;
  }

  private static byte[] bytes(JsonNode fixture) {
    return Base64.getDecoder().decode(fixture.path("frame_base64").asString());
  }

  private static Stamp stamp(JsonNode fixture) {
    var stamp = fixture.path("stamp");
    return new Stamp()
        .in(stamp.path("topic").asString("t"))
        .set(
            Integer.parseUnsignedInt(stamp.path("epoch").asString("1"), 16),
            stamp.path("offset").asLong(1),
            ID_HIGH,
            ID_LOW);
  }

  private static ByteBuf encoded(WireForm plain, JsonNode fixture) {
    var form = fixture.has("stamp") ? plain.stamped() : plain;
    var message = WseEnvelopeTest.message(fixture.path("given"));
    var stamp = stamp(fixture);
    var out = Unpooled.buffer();
    form.encode(message, stamp, out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message, stamp));
    return out;
  }

  private static ByteBuf framed(byte[] payload) {
    var out = Unpooled.buffer();
    Frames.writeHeader(out, false, payload.length);
    return out.writeBytes(payload);
  }

  /// What this server reads in a frame of one of its forms.
  private static String content(ByteBuf frame) {
    var view = FrameView.of("t", frame, Priority.NORMAL, -1, new Stamp().set(1, 1, 0, 0), 0);
    return new String(FrameContent.INSTANCE.read(view), StandardCharsets.UTF_8);
  }

  @Test
  void stampedFramesAreMadeAndReadBack() {
    for (var fixture : fixtures("plain")) {
      var name = fixture.path("name").asString();
      var frame = fixture.path("frame").asString();
      assertThat(Fixtures.describe(encoded(WseEnvelope.INSTANCE, fixture)))
          .as(name)
          .isEqualTo("binary " + frame);
      var unstamped = WseEnvelope.INSTANCE.reencoderOf(WseEnvelope.STAMPED);
      assertThat(unstamped).isNotNull();
      var again = Unpooled.buffer();
      var stamp = stamp(fixture);
      var payload = frame.getBytes(StandardCharsets.UTF_8);
      var view = FrameView.of(stamp.topic(), framed(payload), Priority.NORMAL, -1, stamp, 0);
      unstamped.reencode(view, again);
      int at = frame.indexOf(",\"tp\":");
      assertThat(Fixtures.describe(again))
          .as(name)
          .isEqualTo("binary " + frame.substring(0, at) + ",\"v\":1}");
    }
  }

  @Test
  void compressedFramesAreReadAndOursHoldTheSame() {
    try (var threads = new CompressionThreads(1, 1 << 20, 1 << 20);
        var form = new CompressedForm(WseEnvelope.INSTANCE, 6, 1_024, threads)) {
      for (var fixture : fixtures("compressed")) {
        var name = fixture.path("name").asString();
        var theirs = framed(bytes(fixture));
        assertThat(content(theirs)).as(name).isEqualTo(fixture.path("content").asString());
        var ours = encoded(form, fixture);
        assertThat(ours.getByte(FrameContent.headerBytes(ours, 0))).as(name).isEqualTo((byte) 'C');
        assertThat(content(ours)).as(name).isEqualTo(fixture.path("content").asString());
      }
    }
  }

  @Test
  void packedFramesAreMade() {
    var form = new MessagePackForm(WseEnvelope.INSTANCE, 1 << 20);
    for (var fixture : fixtures("packed")) {
      assertThat(encoded(form, fixture))
          .as(fixture.path("name").asString())
          .isEqualTo(framed(bytes(fixture)));
    }
  }

  @Test
  void eventsThatLeaveTogetherMakeOneFrame() {
    for (var fixture : fixtures("batch")) {
      try (var batch = new Batch(1 << 20)) {
        for (var event : fixture.path("events")) {
          var frame = Unpooled.buffer();
          WseEnvelope.INSTANCE.encode(WseEnvelopeTest.message(event), stamp(fixture), frame);
          batch.add(frame.skipBytes(FrameContent.headerBytes(frame, 0)));
        }
        assertThat(batch.together().toString(StandardCharsets.UTF_8))
            .isEqualTo(fixture.path("frame").asString());
      }
    }
  }
}
