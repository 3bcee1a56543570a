package dev.millrace.hub;

/// What became of a publication whose publisher waited for its place in the log.
public sealed interface Receipt {
  /// All messages stand in the log, the last at `lastOffset`; `duplicates` of them had been there
  /// before and were not taken again.
  record Appended(int epoch, long lastOffset, int duplicates) implements Receipt {}

  /// None was taken; `why` is [PublishOutcome.Full] or [PublishOutcome.Refused].
  record NotAppended(PublishOutcome why) implements Receipt {}
}
