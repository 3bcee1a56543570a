package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The cases that all languages' tests share.
public final class Fixtures {
  private Fixtures() {}

  public static List<JsonNode> read(String file) {
    try {
      var bytes = Files.readAllBytes(Path.of("..", "protocol", "wse-v1", file));
      return Json.tree(bytes).valueStream().toList();
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  static JsonNode named(String file, String name) {
    return read(file).stream()
        .filter(fixture -> fixture.path("name").asString("").equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no fixture " + name + " in " + file));
  }

  /// `opcode payload` of one server frame, which is released.
  static String describe(ByteBuf frame) {
    int first = frame.readUnsignedByte();
    int length = frame.readUnsignedByte();
    if (length == 126) {
      length = frame.readUnsignedShort();
    } else if (length == 127) {
      length = (int) frame.readLong();
    }
    var text = frame.readCharSequence(length, StandardCharsets.UTF_8).toString();
    var rest = frame.isReadable() ? " and " + frame.readableBytes() + " more bytes" : "";
    frame.release();
    var opcode = first == 0x81 ? "text" : first == 0x82 ? "binary" : "opcode " + first;
    return opcode + " " + text + rest;
  }
}
