/// Tests of `problem`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.problem;
