/// Nodes that decide, wait, check and keep: which way a frame goes, when, and whether it is as it
/// should be. Run on the engine's workers, except [Delay], which waits on a thread of its own. Open
/// [ControlTypes] first.
@NullMarked
package dev.millrace.signals.control;

import org.jspecify.annotations.NullMarked;
