/// Behaviour of the logs: what they say, what they hide, and that nobody waits for them.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.log;
