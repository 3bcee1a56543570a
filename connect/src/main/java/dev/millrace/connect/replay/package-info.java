/// Recordings as sources. Runs on a named platform thread, because files and zstd block. Open
/// [ReplaySource] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.replay;
