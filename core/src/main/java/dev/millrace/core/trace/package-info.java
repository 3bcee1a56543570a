/// One id that follows a request or a sampled frame through everything it causes. Open
/// [Correlation] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.trace;
