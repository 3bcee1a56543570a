/// Declared metrics and the one registry that counts them. Open [Metric] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.metric;
