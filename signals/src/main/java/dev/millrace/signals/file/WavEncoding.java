package dev.millrace.signals.file;

import java.nio.ByteBuffer;

/// How a sample stands in a WAV file, little-endian. Whole numbers are shares of full scale.
public enum WavEncoding {
  U8(1, 1),
  I16(1, 2),
  I24(1, 3),
  I32(1, 4),
  F32(3, 4),
  F64(3, 8);

  private static final double SCALE_16 = 0x1p15;
  private static final double SCALE_24 = 0x1p23;
  private static final double SCALE_32 = 0x1p31;

  private final int tag;
  private final int bytes;

  WavEncoding(int tag, int bytes) {
    this.tag = tag;
    this.bytes = bytes;
  }

  /// What a header calls it: 1 for whole numbers, 3 for floating point.
  int tag() {
    return tag;
  }

  int bytes() {
    return bytes;
  }

  /// The one with this tag and so many bits, null if it is not known.
  static @org.jspecify.annotations.Nullable WavEncoding of(int tag, int bits) {
    for (var encoding : values()) {
      if (encoding.tag == tag && encoding.bytes * 8 == bits) {
        return encoding;
      }
    }
    return null;
  }

  /// The sample at `at`; `buffer` is little-endian.
  double read(ByteBuffer buffer, int at) {
    return switch (this) {
      case U8 -> ((buffer.get(at) & 0xFF) - 128) / 128.0;
      case I16 -> buffer.getShort(at) / SCALE_16;
      case I24 -> ((buffer.getShort(at) & 0xFFFF) | (buffer.get(at + 2) << 16)) / SCALE_24;
      case I32 -> buffer.getInt(at) / SCALE_32;
      case F32 -> buffer.getFloat(at);
      case F64 -> buffer.getDouble(at);
    };
  }

  /// Puts a sample at `at`, toward zero and within the type's range; `buffer` is little-endian.
  void write(double sample, ByteBuffer buffer, int at) {
    switch (this) {
      case U8 -> buffer.put(at, (byte) (int) Math.clamp(sample * 128 + 128, 0.0, 255.0));
      case I16 -> buffer.putShort(at, (short) whole(sample, SCALE_16));
      case I24 -> {
        int value = whole(sample, SCALE_24);
        buffer.putShort(at, (short) value);
        buffer.put(at + 2, (byte) (value >> 16));
      }
      case I32 -> buffer.putInt(at, whole(sample, SCALE_32));
      case F32 -> buffer.putFloat(at, (float) sample);
      case F64 -> buffer.putDouble(at, sample);
    }
  }

  private static int whole(double sample, double scale) {
    return (int) Math.clamp(sample * scale, -scale, scale - 1); // NaN becomes 0
  }
}
