/// Tests of what a graph may say about failures.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.supervise;
