/// A real Redis for tests. Open [RedisServer] first; it runs as a process of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.redis;
