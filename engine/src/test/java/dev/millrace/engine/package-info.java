/// Tests of what the engine declares as a whole.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine;
