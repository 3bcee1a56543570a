/// Tests of the Redis that tests use.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.redis;
