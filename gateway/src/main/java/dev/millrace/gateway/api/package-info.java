/// The REST routes that every recipe has: health, statistics, metrics, topics. Handlers run on
/// virtual threads. Open [TopicRoutes] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.api;
