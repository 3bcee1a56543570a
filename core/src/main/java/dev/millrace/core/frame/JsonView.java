package dev.millrace.core.frame;

/// A typed, immutable look at JSON bytes, such as the header of an event. Declare each view as a
/// constant: a body remembers the view it was last asked for by identity.
@FunctionalInterface
public interface JsonView<V> {

  /// Reads the bytes without changing them.
  ///
  /// @throws tools.jackson.core.JacksonException if they cannot be read
  V read(byte[] bytes);
}
