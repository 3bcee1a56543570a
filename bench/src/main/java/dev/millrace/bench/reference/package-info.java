/// What the engine is measured against, in plain NIO on one thread each. The hub is WebSocket
/// broadcast with nothing a broadcast does not need: what one publisher read brought is framed once
/// into shared memory, and each subscriber costs one write. It has no topics, no limits on who
/// connects, and no place outside a measurement. [EchoServer] sends back what it got and is what
/// receiving costs at least. Open [ReferenceHub] first; everything is confined to the thread in its
/// `run`.
@NullMarked
package dev.millrace.bench.reference;

import org.jspecify.annotations.NullMarked;
