/// Tests of what waits for conditions.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit;
