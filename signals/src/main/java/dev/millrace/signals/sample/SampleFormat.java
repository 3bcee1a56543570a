package dev.millrace.signals.sample;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// How one sample stands in a packet of a device or in a file, little endian. Integers are
/// fractions of their range, so that full scale is -1 to 1; floats are taken as they are.
///
/// Towards bytes a sample is multiplied, held to the range of the type, and cut off towards
/// zero; what is not a number becomes silence. From bytes and back is the same bytes.
public enum SampleFormat {
  U8(1),
  I16(2),
  I24(3),
  I32(4),
  F32(4),
  F64(8);

  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);
  private static final int I24_MAX = 0x7FFFFF;
  private static final int I24_MIN = -0x800000;

  private final int bytes;

  SampleFormat(int bytes) {
    this.bytes = bytes;
  }

  /// How many bytes a sample takes.
  public int bytes() {
    return bytes;
  }

  /// Reads every `stride`-th byte position from `at` on, until `out` is full.
  public void read(byte[] from, int at, int stride, double[] out) {
    switch (this) {
      case U8 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          out[i] = ((from[p] & 0xFF) - 128) / 128.0;
        }
      }
      case I16 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          out[i] = (short) SHORTS.get(from, p) / 32_768.0;
        }
      }
      case I24 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          int low = (from[p] & 0xFF) | (from[p + 1] & 0xFF) << 8;
          out[i] = (low | from[p + 2] << 16) / 8_388_608.0;
        }
      }
      case I32 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          out[i] = (int) INTS.get(from, p) / 2_147_483_648.0;
        }
      }
      case F32 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          out[i] = (float) FLOATS.get(from, p);
        }
      }
      case F64 -> {
        for (int i = 0, p = at; i < out.length; i++, p += stride) {
          out[i] = (double) DOUBLES.get(from, p);
        }
      }
    }
  }

  /// Writes all of `in` to every `stride`-th byte position from `at` on.
  public void write(double[] in, byte[] to, int at, int stride) {
    switch (this) {
      case U8 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          double value = Double.isNaN(in[i]) ? 128 : in[i] * 128 + 128;
          to[p] = (byte) Math.clamp((int) value, 0, 255);
        }
      }
      case I16 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          int value = Math.clamp((int) (in[i] * 32_768), Short.MIN_VALUE, Short.MAX_VALUE);
          SHORTS.set(to, p, (short) value);
        }
      }
      case I24 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          int value = Math.clamp((int) (in[i] * 8_388_608), I24_MIN, I24_MAX);
          to[p] = (byte) value;
          to[p + 1] = (byte) (value >> 8);
          to[p + 2] = (byte) (value >> 16);
        }
      }
      case I32 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          INTS.set(to, p, (int) (in[i] * 2_147_483_648.0)); // a cast holds to the range by itself
        }
      }
      case F32 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          FLOATS.set(to, p, narrowed(in[i]));
        }
      }
      case F64 -> {
        for (int i = 0, p = at; i < in.length; i++, p += stride) {
          DOUBLES.set(to, p, in[i]);
        }
      }
    }
  }

  private static float narrowed(double value) {
    return Double.isInfinite(value)
        ? (float) value
        : (float) Math.clamp(value, -Float.MAX_VALUE, Float.MAX_VALUE);
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }
}
