/// Tests of channels and chains.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.flow;
