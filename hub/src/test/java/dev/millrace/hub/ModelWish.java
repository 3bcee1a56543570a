package dev.millrace.hub;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a session of a model test asks of one topic: offsets with one remainder of three or, if
/// `remainder` is negative, all; conflated or not.
record ModelWish(int remainder, int conflateMillis) {
  static final ModelWish ALL = new ModelWish(-1, 0);

  boolean keeps(long offset) {
    return remainder < 0 || offset % 3 == remainder;
  }

  boolean conflates() {
    return conflateMillis > 0;
  }

  Wanted wanted(String name, @Nullable Position position) {
    var wanted = Wanted.all(name).conflated(conflateMillis);
    if (remainder >= 0) {
      wanted = wanted.filteredBy(frame -> keeps(frame.offset()));
    }
    return position == null ? wanted : wanted.after(position);
  }

  /// The key stands in the text behind the offset: `topic:offset:key:`.
  static Object key(FrameView frame) {
    var text =
        frame.buffer().toString(frame.start() + 4, frame.length() - 4, StandardCharsets.UTF_8);
    return Integer.parseInt(text.split(":", 4)[2]);
  }
}
