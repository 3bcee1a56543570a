/// Tests of checkpoints: their files, and which is under way.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.checkpoint;
