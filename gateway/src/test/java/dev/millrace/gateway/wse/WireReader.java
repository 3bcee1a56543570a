package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.crypto.ClientKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import tools.jackson.databind.JsonNode;

/// What a client makes of frames in any framing: the framing, the category and the envelope.
record WireReader(TestClient client, @Nullable ClientKeys keys) {
  /// `framing` is `text`, `binary`, `C:`, `M:` or `E:`.
  record Read(String framing, String category, JsonNode envelope) {
    String type() {
      return envelope.path("t").asString("");
    }

    JsonNode payload() {
      return envelope.path("p");
    }
  }

  WireReader(TestClient client) {
    this(client, null);
  }

  /// The next frame of a type, others skipped.
  Read next(String type) throws InterruptedException {
    while (true) {
      var read = next();
      if (read.type().equals(type)) {
        return read;
      }
    }
  }

  Read next() throws InterruptedException {
    var message = client.nextMessage();
    var bytes = message.bytes();
    if (message.text()) {
      return plain("text", bytes);
    }
    if (bytes.length < 2 || bytes[1] != ':') {
      return plain("binary", bytes);
    }
    var content = Arrays.copyOfRange(bytes, 2, bytes.length);
    return switch (bytes[0]) {
      case 'C' -> plain("C:", message.inflated());
      case 'M' -> packed(content);
      case 'E' -> plain("E:", opened(bytes));
      default -> throw new AssertionError("framing " + (char) bytes[0]);
    };
  }

  private byte[] opened(byte[] frame) {
    var text = keys == null ? null : keys.opened(frame);
    if (text == null) {
      throw new AssertionError("a sealed frame that does not open");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Read plain(String framing, byte[] bytes) {
    var text = new String(bytes, StandardCharsets.UTF_8);
    int brace = text.indexOf('{');
    var json = Json.tree(text.substring(brace).getBytes(StandardCharsets.UTF_8));
    return new Read(framing, text.substring(0, brace), json);
  }

  private static Read packed(byte[] content) {
    try (var unpacker = MessagePack.newDefaultUnpacker(content)) {
      var json = unpacker.unpackValue().toJson();
      return new Read("M:", "", Json.tree(json.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
