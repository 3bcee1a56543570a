/// Tests of testing graphs.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.graph.test;
