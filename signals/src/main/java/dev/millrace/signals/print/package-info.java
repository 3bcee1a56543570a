/// Nodes that show frames to whoever watches the standard output, and hand them on unchanged. Run
/// on a thread of their own, for a pipe may block. Open [Print] first.
@NullMarked
package dev.millrace.signals.print;

import org.jspecify.annotations.NullMarked;
