/// What became of traced frames: where each was made, went, was lost or arrived, and copies of them
/// to be put into the pipeline once more. The threads of the nodes write, anybody reads. Open
/// [Provenance] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.provenance;
