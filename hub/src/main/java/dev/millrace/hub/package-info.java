/// Fan-out: a topic is a log, a subscriber is a cursor. Publishers are any threads; topics, lanes
/// and sessions are each confined to one event loop. Knows no socket: the gateway implements
/// [HubLoop], [SessionTransport] and [WireForm]. Open [Hub] first, then [Lane], [Cohort] and
/// [Section]; [RetainedLog] is what a topic keeps, [Resumption] how somebody comes back to it, and
/// [PresenceDesk] who is there.
///
/// Sessions of one form share the bytes of a lane, and a turn writes them to a [Row] of sessions. A
/// session with a [FrameRewriter], or a subscription with a [FrameFilter] or conflation
/// ([Wanted]), takes the copying path ([CopyPath]): it is a member of the same section and gets
/// bytes of its own. What a subscription has before it and does not get, for a jam, a filter or a
/// later message of the same key, is the matter of [Backlog]. Patterns ([PatternTable]) make
/// ordinary subscriptions, without stamps; a name of a topic that keeps messages gets the stamped
/// form, and what is filtered or conflated the readable one ([WireForm]); queue groups
/// ([QueueGroup]) have a cursor on the topic's loop.
@org.jspecify.annotations.NullMarked
package dev.millrace.hub;
