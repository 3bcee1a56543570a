/// Tests of `metric`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.metric;
