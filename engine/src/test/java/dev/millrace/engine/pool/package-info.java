/// Tests of pools of runs.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.pool;
