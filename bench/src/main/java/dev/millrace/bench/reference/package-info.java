/// The hub that the engine is measured against: WebSocket broadcast in plain NIO on one thread,
/// with nothing a broadcast does not need. What one publisher read brought is framed once into
/// shared memory, and each subscriber costs one write. It shows what the JVM and the sockets of a
/// machine can reach; it has no topics, no limits on who connects, and no place outside a
/// measurement. Open [ReferenceHub] first; everything is confined to the thread in its `run`.
@NullMarked
package dev.millrace.bench.reference;

import org.jspecify.annotations.NullMarked;
