package dev.millrace.gateway.wse.filter;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A payload as filters look at it.
public interface PayloadView {
  /// The value at `path`, which may be a null of JSON's; null when the payload has none there.
  @Nullable JsonNode at(FieldPath path);
}
