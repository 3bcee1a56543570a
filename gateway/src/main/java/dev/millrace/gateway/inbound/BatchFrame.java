package dev.millrace.gateway.inbound;

import dev.millrace.core.json.Json;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// What a drain is answered with, a text frame. Payloads go from the bytes they came in to the
/// frame, past the JSON writer.
final class BatchFrame {
  private static final int ENVELOPE = 128;
  private static final int LONGEST_HEADER = Frames.headerBytes(Integer.MAX_VALUE);

  private final ByteBufOutputStream out;
  private final JsonGenerator json;
  private long millis = -1;
  private String time = "";

  private BatchFrame(ByteBuf body) {
    this.out = new ByteBufOutputStream(body);
    this.json = Json.generator(out);
  }

  /// The frame. `waiting` and `dropped` are what the queue says of itself.
  static ByteBuf of(
      ByteBufAllocator allocator,
      @Nullable String correlationId,
      List<ClientMessage> messages,
      int waiting,
      long dropped) {
    int size = ENVELOPE;
    for (var message : messages) {
      size += message.waitingBytes();
    }
    // Room for the longest header, which is put in front once the length is known.
    var frame = allocator.buffer(LONGEST_HEADER + size);
    frame.setIndex(LONGEST_HEADER, LONGEST_HEADER);
    try {
      new BatchFrame(frame).write(correlationId, messages, waiting, dropped);
    } catch (IOException impossible) {
      frame.release();
      throw new UncheckedIOException(impossible);
    }
    int body = frame.readableBytes();
    int end = frame.writerIndex();
    int start = LONGEST_HEADER - Frames.headerBytes(body);
    frame.setIndex(start, start);
    Frames.writeHeader(frame, true, body);
    return frame.writerIndex(end);
  }

  private void write(
      @Nullable String correlationId, List<ClientMessage> messages, int waiting, long dropped)
      throws IOException {
    json.writeStartObject().writeStringProperty("t", "batch");
    if (correlationId != null) {
      json.writeStringProperty("cid", correlationId);
    }
    json.writeObjectPropertyStart("p").writeArrayPropertyStart("messages");
    for (var message : messages) {
      write(message);
    }
    json.writeEndArray();
    json.writeNumberProperty("waiting", waiting).writeNumberProperty("dropped", dropped);
    json.writeEndObject().writeEndObject().close();
  }

  private void write(ClientMessage message) throws IOException {
    json.writeStartObject()
        .writeStringProperty("user", message.user())
        .writeStringProperty("connection", message.connection())
        .writeStringProperty("type", message.type());
    if (message.id() != null) {
      json.writeStringProperty("id", message.id());
    }
    if (message.correlationId() != null) {
      json.writeStringProperty("correlation_id", message.correlationId());
    }
    json.writeStringProperty("ts", time(message.timestampMillis()));
    json.writeName("payload").writeRawValue("").flush();
    out.write(message.payload());
    json.writeEndObject();
  }

  private String time(long epochMillis) {
    if (epochMillis != millis) {
      millis = epochMillis;
      time = Instant.ofEpochMilli(epochMillis).toString();
    }
    return time;
  }
}
