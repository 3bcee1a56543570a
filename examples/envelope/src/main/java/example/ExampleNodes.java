package example;

import dev.millrace.core.node.NodeProvider;
import dev.millrace.core.node.NodeType;
import java.util.List;

/// What this jar brings to a server that finds it in `plugins/`.
public final class ExampleNodes implements NodeProvider {

  @Override
  public List<NodeType<?>> types() {
    return List.of(
        NodeType.transform(
            "Envelope",
            "Follows how loud each channel is.",
            EnvelopeNode.Config.class,
            EnvelopeNode::new));
  }
}
