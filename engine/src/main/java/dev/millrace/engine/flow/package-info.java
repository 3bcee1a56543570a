/// How frames move: batches through the stages of a fused chain on one thread, and through bounded
/// channels from chain to chain. Open [Chain] first, then [Channel]. A chain is confined to the
/// thread that runs its turn; everything another thread reads says who writes it.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.flow;
