package dev.millrace.core.node;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// A node whose state goes into checkpoints. What it restores continues bit for bit where it saved.
public interface Stateful {

  /// Writes the state as it is between two frames. On the node's own thread; must be quick, the
  /// node's frames wait.
  void save(DataOutput out) throws IOException;

  /// Takes the state that [#save] of the same version wrote; after `open`, before the first frame.
  ///
  /// @throws IOException if it is not such a state; the checkpoint is then skipped
  void restore(DataInput in) throws IOException;
}
