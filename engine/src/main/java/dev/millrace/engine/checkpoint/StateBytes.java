package dev.millrace.engine.checkpoint;

import dev.millrace.core.node.Stateful;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Gathers what a node saves, up to a limit. Confined to the node's thread.
final class StateBytes extends OutputStream {
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(64);
  private final long most;

  private StateBytes(long most) {
    this.most = most;
  }

  /// The node's state as it is now.
  ///
  /// @throws IOException if the node fails to write it, or it has more than `most` bytes
  static byte[] of(Stateful node, long most) throws IOException {
    var bytes = new StateBytes(most);
    try (var out = new DataOutputStream(bytes)) {
      node.save(out);
    }
    return bytes.gathered.toByteArray();
  }

  @Override
  public void write(int octet) throws IOException {
    admit(1);
    gathered.write(octet);
  }

  @Override
  public void write(byte[] from, int at, int count) throws IOException {
    admit(count);
    gathered.write(from, at, count);
  }

  private void admit(int more) throws IOException {
    if (gathered.size() + (long) more > most) {
      throw new IOException(
          "its state has more than " + most + " bytes; raise checkpoint.max_node_state");
    }
  }
}
