package dev.millrace.net.websocket;

import java.util.Locale;

/// What a peer can do wrong, the close code that answers it, and the reason it is told. Source: RFC
/// 6455, sections 5 and 7.4.1.
enum Violation {
  RESERVED_BITS(CloseCode.PROTOCOL_ERROR, "a reserved bit is set and no extension was agreed"),
  RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "the opcode is reserved"),
  NOT_MASKED(CloseCode.PROTOCOL_ERROR, "a client must mask its frames"),
  MASKED(CloseCode.PROTOCOL_ERROR, "a server must not mask its frames"),
  LENGTH_NOT_MINIMAL(CloseCode.PROTOCOL_ERROR, "the length is not in its shortest form"),
  LENGTH_NEGATIVE(CloseCode.PROTOCOL_ERROR, "the length has its highest bit set"),
  CONTROL_FRAGMENTED(CloseCode.PROTOCOL_ERROR, "a control frame must not be fragmented"),
  CONTROL_TOO_LONG(CloseCode.PROTOCOL_ERROR, "a control frame holds at most 125 bytes"),
  NOTHING_TO_CONTINUE(CloseCode.PROTOCOL_ERROR, "a continuation without a message"),
  MESSAGE_UNFINISHED(CloseCode.PROTOCOL_ERROR, "a new message inside an unfinished one"),
  CLOSE_MALFORMED(CloseCode.PROTOCOL_ERROR, "a close frame of one byte"),
  CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "the close code must not be sent"),
  CLOSE_REASON(CloseCode.INVALID_PAYLOAD, "the close reason is not UTF-8"),
  TEXT_NOT_UTF8(CloseCode.INVALID_PAYLOAD, "the text is not UTF-8"),
  MESSAGE_TOO_BIG(CloseCode.TOO_BIG, "the message is over the limit"),
  INPUT_MEMORY(CloseCode.TRY_LATER, "too much incomplete input, try again later");

  private final int code;
  private final String reason;

  Violation(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }

  /// The value of the metric's label.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
