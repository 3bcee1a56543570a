package dev.millrace.core.frame;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The content of a [Frame]. Immutable; arrays inside are shared and must not be written to.
public sealed interface Body permits Body.Empty, Body.Text, Body.JsonBytes, Samples {

  /// Nothing: a trigger.
  Body EMPTY = new Empty();

  record Empty() implements Body {}

  record Text(String text) implements Body {}

  /// One JSON value as the verbatim UTF-8 bytes it came in as. Bytes in are bytes out: nothing
  /// re-serialises them. A typed look at them ([JsonView]) is taken at most once per body and view.
  final class JsonBytes implements Body {
    private final byte[] bytes;

    // The last view taken. Written by whichever node looks first; a race computes an equal value
    // twice, and immutable results make late visibility harmless.
    private volatile @Nullable Viewed<?> viewed;

    public JsonBytes(byte[] bytes) {
      this.bytes = bytes;
    }

    /// The bytes themselves, not a copy: read only.
    public byte[] bytes() {
      return bytes;
    }

    /// What `view` reads from the bytes, computed once and kept while the same view is asked for.
    @SuppressWarnings("ReferenceEquality") // views are constants, known by identity
    public <V> V view(JsonView<V> view) {
      var last = viewed;
      if (last != null && last.view == view) {
        @SuppressWarnings("unchecked") // the view that made the value is the one that asks
        var value = (V) last.value;
        return value;
      }
      var fresh = new Viewed<>(view, view.read(bytes));
      viewed = fresh;
      return fresh.value;
    }

    /// The whole tree. For nodes off the hot path; the tree must not be changed.
    public JsonNode tree() {
      return view(TREE);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof JsonBytes that && java.util.Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return java.util.Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private static final JsonView<JsonNode> TREE = Json::tree;

    private record Viewed<V>(JsonView<V> view, V value) {}
  }
}
