/// Tests of whole pipelines.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.pipeline;
