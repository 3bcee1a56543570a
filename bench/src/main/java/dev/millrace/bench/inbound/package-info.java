/// `bench inbound`: what a server takes from clients that talk as fast as they can, beside a server
/// that sends everything back. Open [InboundCommand] first; runs on the thread that calls it.
@NullMarked
package dev.millrace.bench.inbound;

import org.jspecify.annotations.NullMarked;
