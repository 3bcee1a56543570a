package dev.millrace.gateway.wse;

import dev.millrace.hub.CompressionSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import tools.jackson.databind.node.ObjectNode;

/// Compresses a few texts like those that go over the wire and says what it saved. For people who
/// choose a threshold; takes about a millisecond.
final class CompressionTrial {
  private static final List<Integer> SIZES = List.of(128, 1_024, 4_096, 16_384);
  private static final String SAMPLE =
      "{\"t\":\"sample\",\"p\":{\"symbol\":\"ABC\",\"price\":17.25,\"volume\":4200,\"side\":\"buy\"}},";

  private CompressionTrial() {}

  static ObjectNode run(CompressionSpec spec) {
    int threshold = spec.threshold();
    var body =
        SystemFrames.object()
            .put("compression_threshold", threshold)
            .put("compression_level", spec.level());
    var results = body.putArray("test_results");
    long original = 0;
    long compressed = 0;
    for (int size : SIZES) {
      var text = SAMPLE.repeat(size / SAMPLE.length() + 1).substring(0, size);
      var bytes = text.getBytes(StandardCharsets.US_ASCII);
      var packed = deflated(bytes, spec.level());
      original += bytes.length;
      compressed += packed.length;
      results
          .addObject()
          .put("original_size", bytes.length)
          .put("compressed_size", packed.length)
          .put("compression_ratio", (double) packed.length / bytes.length)
          .put("saved_bytes", bytes.length - packed.length)
          .put("saved_percentage", 100.0 * (bytes.length - packed.length) / bytes.length)
          .put("decompression_success", inflatesTo(packed, bytes))
          .put("should_compress", bytes.length > threshold)
          .put("beneficial", packed.length < bytes.length);
    }
    body.putObject("stats").put("original_bytes", original).put("compressed_bytes", compressed);
    return body.put(
        "recommendation", "Texts like these are worth compressing from " + threshold + " bytes on");
  }

  private static byte[] deflated(byte[] bytes, int level) {
    try (var deflater = new Deflater(level)) {
      deflater.setInput(bytes);
      deflater.finish();
      var out = new ByteArrayOutputStream();
      var part = new byte[4_096];
      while (!deflater.finished()) {
        out.write(part, 0, deflater.deflate(part));
      }
      return out.toByteArray();
    }
  }

  private static boolean inflatesTo(byte[] packed, byte[] expected) {
    try (var inflater = new Inflater()) {
      inflater.setInput(packed);
      var out = new byte[expected.length];
      return inflater.inflate(out) == out.length && Arrays.equals(out, expected);
    } catch (DataFormatException broken) {
      return false; // which is what the trial is there to find out
    }
  }
}
