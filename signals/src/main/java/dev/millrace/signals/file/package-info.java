/// Frames to files and back: CSV, JSON lines, WAV. Run on threads of their own, as files block.
/// Open [FileSink] and [FileSource] first; how a full disk is waited for is in [Output].
@NullMarked
package dev.millrace.signals.file;

import org.jspecify.annotations.NullMarked;
