/// Bluesky's JSON view of the AT Protocol firehose: reading its events and, as a client, receiving
/// them. Reading happens on whatever thread asks. Open [JetstreamEvent] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.jetstream;
