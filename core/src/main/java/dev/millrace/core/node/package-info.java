/// The contract between the engine and everything that makes, changes or keeps frames. Open
// [Processor] and [Source] first; the engine calls one thread at a time.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.node;
