/// Tests of tasks and workers.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.schedule;
