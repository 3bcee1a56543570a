/// A firehose that needs no network: events that look like Bluesky's, made from a seed. Runs on
/// engine workers. Open [SimulatedFirehose] first; [PostWriter] makes the texts.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.simulated;
