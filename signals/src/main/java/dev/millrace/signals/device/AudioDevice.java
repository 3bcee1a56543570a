package dev.millrace.signals.device;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Something that brings packets, takes them, or both. Reading and writing never block and are safe
/// from any thread.
public interface AudioDevice {

  /// What nodes call it by, as `device_profile_id`.
  String profileId();

  /// Begins to bring and take packets.
  void open() throws IOException;

  /// The next packet, null if there is none yet.
  @Nullable Packet read();

  /// Takes a packet.
  ///
  /// @return false if there is no room; the packet is not taken
  boolean write(Packet.Pcm packet);

  /// Ends what [#open] began. Must not throw.
  void close();
}
