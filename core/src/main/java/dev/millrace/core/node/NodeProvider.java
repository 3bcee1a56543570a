package dev.millrace.core.node;

import java.util.List;

/// What a jar in `plugins/` brings. It names its implementation in
/// `META-INF/services/dev.millrace.core.node.NodeProvider`, and needs a public constructor without
/// arguments.
public interface NodeProvider {

  /// The node types, each under a name that nobody else has. Asked once, when the process starts.
  List<NodeType<?>> types();
}
