/// Nodes between kinds of bodies: samples, JSON and text. Run on the engine's workers. Open
/// [BridgeTypes] first.
@NullMarked
package dev.millrace.signals.bridge;

import org.jspecify.annotations.NullMarked;
