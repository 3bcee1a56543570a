/// Fan-out: a topic is a log, a subscriber is a cursor. Publishers are any threads; topics, lanes
/// and sessions are each confined to one event loop. Knows no socket: the gateway implements
/// [HubLoop], [SessionTransport] and [WireForm]. Open [Hub] first, then [Lane] and
/// [Cohort]; [RetainedLog] is what a topic keeps, [Resumption] how somebody comes back to it, and
/// [PresenceDesk] who is there.
@org.jspecify.annotations.NullMarked
package dev.millrace.hub;
