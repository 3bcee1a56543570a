/// Tests of the broker: with a Redis of memory and a fake clock, and with a real redis-server.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.redis;
