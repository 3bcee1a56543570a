package dev.millrace.hub;

/// Makes something of a frame that several sessions can use: its payload, parsed. Stateless: what
/// one call returns serves every session of the loop, and must not be changed.
@FunctionalInterface
public interface FrameReader<T> {
  T read(FrameView frame);

  /// Bytes of what was read of `frame`, roughly, for who keeps it: those of the frame, unless what
  /// it stands for is larger.
  default int bytes(T read, FrameView frame) {
    return frame.length();
  }
}
