package dev.millrace.gateway.wse;

import dev.millrace.core.problem.Problem;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Why the hub did not take a message, as an error frame.
public final class PublishRefusal {
  private static final String PREFIX = "E_";

  private PublishRefusal() {}

  /// `limit` is the largest message that would have been taken.
  public static ByteBuf frame(
      SystemFrames frames, Problem problem, long limit, @Nullable String connectionId) {
    var sentence = problem.what() + (problem.fix() == null ? "" : ". " + problem.fix());
    var code = problem.code();
    if (code.equals("E_MESSAGE_TOO_LARGE")) {
      return frames.tooLarge(sentence, limit, connectionId);
    }
    return frames.error(
        code.startsWith(PREFIX) ? code.substring(PREFIX.length()) : code,
        sentence,
        true,
        connectionId,
        null);
  }
}
