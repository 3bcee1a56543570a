/// The client side of a fan-out measurement: many subscribers and one publisher over WebSocket, all
/// on one thread, each delivery checked. Knows nothing of the server beyond two paths. Open
/// [FanoutLoad] first; everything is confined to the thread in its `run`.
@NullMarked
package dev.millrace.bench.load;

import org.jspecify.annotations.NullMarked;
