/// Breaks the architecture on purpose; only tests see it.
@org.jspecify.annotations.NullMarked
package dev.millrace.hub.violation;
