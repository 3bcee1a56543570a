/// Several instances as one: what is published on one is delivered by all, through Redis. One
/// thread, `millrace-redis`, owns everything but the queues at its doors; Redis is spoken to on the
/// two I/O threads of its client, which only hand over. Open [RedisBroker] first, then
/// [BrokerLoop].
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.redis;
