/// Tests of the taps.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.provenance;
