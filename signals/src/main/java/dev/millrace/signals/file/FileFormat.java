package dev.millrace.signals.file;

/// How frames stand in a text file.
public enum FileFormat {
  /// A header, then a line per sample: `timestamp,sequence_id,channel,index,value`. Quotes as in
  /// RFC 4180. Metadata, tags and empty channels have no place.
  CSV,
  /// A line per frame, each the frame's JSON form.
  JSONL
}
