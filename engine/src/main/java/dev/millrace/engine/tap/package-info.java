/// Live copies of the frames that leave nodes, for whoever watches a pipeline run. Open [TapHub]
/// first. Frames are shown on the threads of the chains, which never wait for a reader; a reader
/// polls its [Tap] on a thread of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.tap;
