package dev.millrace.control.log;

import java.util.regex.Pattern;

/// Names of components, as records carry them and operators write them: a logger's name, ours
/// without `dev.millrace.` (`engine.pipeline.Pipeline`), those of libraries in full
/// (`io.netty.util.Recycler`). A target stands for everything beneath it, too.
final class Target {
  private static final String OURS = "dev.millrace.";
  private static final Pattern FORM = Pattern.compile("[A-Za-z_][\\w-]*([.$][\\w-]+)*");
  private static final int MAX_LENGTH = 200;

  private Target() {}

  /// The target of a logger, or of whatever an operator wrote for it.
  static String of(String logger) {
    return logger.startsWith(OURS) ? logger.substring(OURS.length()) : logger;
  }

  /// Whether a level may be set for `target`. The root of all loggers, ours or everybody's, is
  /// none.
  static boolean isValid(String target) {
    return target.length() <= MAX_LENGTH
        && FORM.matcher(target).matches()
        && !target.equalsIgnoreCase("root")
        && !target.equals("dev.millrace")
        && !target.equals("dev");
  }

  /// Whether `target` is `least` or beneath it. Everything is beneath the empty text.
  static boolean covers(String least, String target) {
    if (least.isEmpty()) {
      return true;
    }
    if (!target.startsWith(least)) {
      return false;
    }
    return target.length() == least.length()
        || target.charAt(least.length()) == '.'
        || target.charAt(least.length()) == '$';
  }

  /// For messages: whatever it holds, it stays short and on its line.
  static String quoted(String text) {
    var out = new StringBuilder("\"");
    Escapes.quoted(text.length() > 80 ? text.substring(0, 80) + "…" : text, out);
    return out.append('"').toString();
  }
}
