package dev.millrace.hub;

/// Makes something of a frame that several sessions can use: its payload, parsed. Stateless: what
/// one call returns serves every session of the loop, and must not be changed.
@FunctionalInterface
public interface FrameReader<T> {
  T read(FrameView frame);
}
