/// Programs that are asked over HTTP: about who may have a topic, and for the present state of
/// topics. Calls run on virtual threads, a bounded number, each with a deadline. Open [Hook] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.webhook;
