package dev.millrace.connect.jetstream;

/// What reading the bytes of one message gave.
public sealed interface EventReading permits JetstreamEvent, EventReading.Malformed {

  /// No event. `sentence` says what is missing and where, and quotes nothing of the bytes.
  record Malformed(Reason reason, String sentence) implements EventReading {}

  /// Why a message is no event; also a metric label.
  enum Reason {
    NOT_JSON("not_json"),
    NOT_AN_OBJECT("not_an_object"),
    INCOMPLETE("incomplete_event");

    private final String label;

    Reason(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }
}
