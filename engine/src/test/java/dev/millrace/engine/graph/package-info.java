/// Tests of reading graphs.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.graph;
