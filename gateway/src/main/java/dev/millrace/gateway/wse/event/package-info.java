/// What other programs publish, made into envelopes of the dialect. Pure and without state. Open
/// [EventTransform] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.event;
