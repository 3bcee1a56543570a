/// The little of WebSocket (RFC 6455) that both ends of a measurement need: handshake, frame
/// headers, masking. Reads and writes in place, allocates nothing per frame. Runs on whichever
/// thread calls; open [FrameHeader] first.
@NullMarked
package dev.millrace.bench.websocket;

import org.jspecify.annotations.NullMarked;
