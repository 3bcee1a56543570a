package dev.millrace.gateway.wse.filter;

import dev.millrace.hub.FrameView;
import dev.millrace.hub.Hub;
import dev.millrace.hub.KeyReader;
import org.jspecify.annotations.Nullable;

/// The value at a path of the payload, which tells a topic's messages apart where later ones
/// replace earlier ones. Those without a value there have one key in common.
public final class PayloadKey implements KeyReader {
  private static final Object NONE = new Object();

  private final FieldPath path;

  private PayloadKey(FieldPath path) {
    this.path = path;
  }

  /// Has a hub conflate by what its configuration says of each topic, else by topic.
  public static void readFor(Hub hub) {
    hub.readKeysWith(
        topic -> {
          var path = hub.settings(topic).conflateBy();
          return path == null ? KeyReader.TOPIC : new PayloadKey(FieldPath.of(path));
        });
  }

  /// Keys of the same path share what they read.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PayloadKey key && key.path.toString().equals(path.toString());
  }

  @Override
  public int hashCode() {
    return path.toString().hashCode();
  }

  @Override
  public Object read(FrameView frame) {
    var value = frame.read(PayloadReader.INSTANCE).at(path);
    return value == null ? NONE : Values.normal(value);
  }
}
