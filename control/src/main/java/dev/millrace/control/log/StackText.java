package dev.millrace.control.log;

/// A stack trace as the JDK prints it, but cut at [#MAX_CHARS], with messages that stay on their
/// lines and without secrets.
final class StackText {
  static final int MAX_CHARS = 16_384;
  private static final String CUT = "\n\t…(cut)";

  private final Redactor redactor;
  private final StringBuilder out = new StringBuilder();

  private StackText(Redactor redactor) {
    this.redactor = redactor;
  }

  static String of(Thrown thrown, Redactor redactor) {
    var text = new StackText(redactor);
    text.add(thrown, "", "");
    if (text.isFull()) {
      text.out.setLength(Clipped.cutPoint(text.out, MAX_CHARS - CUT.length()));
      text.out.append(CUT);
    }
    return text.out.toString();
  }

  private void add(Thrown thrown, String indent, String caption) {
    if (isFull()) {
      return;
    }
    if (!out.isEmpty()) {
      out.append('\n');
    }
    out.append(indent).append(caption);
    header(thrown);
    if (thrown.repeated()) {
      out.append(" (see above)");
      return;
    }
    int own = Math.max(0, thrown.frames().length - thrown.sharedFrames());
    for (int i = 0; i < own && !isFull(); i++) {
      out.append('\n').append(indent).append("\tat ");
      out.append(thrown.frames()[i].getStackTraceElement());
    }
    if (thrown.sharedFrames() > 0) {
      out.append('\n').append(indent).append("\t... ");
      out.append(thrown.sharedFrames()).append(" more");
    }
    for (var suppressed : thrown.suppressed()) {
      add(suppressed, indent + "\t", "Suppressed: ");
    }
    if (thrown.cause() != null) {
      add(thrown.cause(), indent, "Caused by: ");
    }
  }

  private void header(Thrown thrown) {
    Escapes.plain(thrown.type(), out);
    if (thrown.message() != null) {
      out.append(": ");
      Escapes.plain(redactor.visible(thrown.message()), out);
    }
  }

  private boolean isFull() {
    return out.length() > MAX_CHARS;
  }
}
