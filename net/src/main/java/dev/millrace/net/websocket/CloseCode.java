package dev.millrace.net.websocket;

/// Close codes. Source: RFC 6455, section 7.4, and the registry it founds.
public final class CloseCode {
  public static final int NORMAL = 1000;
  public static final int GOING_AWAY = 1001;
  public static final int PROTOCOL_ERROR = 1002;

  /// Never on the wire: the close frame had no code.
  public static final int NO_CODE = 1005;

  /// Never on the wire: there was no close frame.
  public static final int ABNORMAL = 1006;

  public static final int INVALID_PAYLOAD = 1007;
  public static final int POLICY = 1008;
  public static final int TOO_BIG = 1009;
  public static final int SERVER_ERROR = 1011;
  public static final int RESTART = 1012;
  public static final int TRY_LATER = 1013;

  private CloseCode() {}

  /// Whether a close frame may carry `code`.
  public static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}
