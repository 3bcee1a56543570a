/// How envelopes are framed on the wire of the dialect: categories, compressed, packed and sealed
/// frames, batches. Pure: what holds native memory belongs to one loop and is closed with it. Open
/// [InboundFrames] for what comes in; [CompressedForm] and [MessagePackForm] for what goes out to
/// many, [Compressor] for what goes out to one.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.codec;
