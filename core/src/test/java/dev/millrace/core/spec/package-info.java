/// Tests of `spec`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.spec;
