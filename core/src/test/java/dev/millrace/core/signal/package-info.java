/// Tests of `signal`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.signal;
