/// Tests of `frame`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.frame;
