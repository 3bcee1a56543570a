package dev.millrace.bench.graph;

import reactor.core.publisher.Flux;

/// Three stages as a flux of Reactor, fused as it fuses them by itself.
final class ReactorFlux {
  private final Flux<Long> flux =
      Flux.range(0, Work.FRAMES).map(Work::make).map(Work::change).reduce(0L, Work::reduce).flux();

  /// Runs the flux to its end and returns its sum.
  long run() {
    return java.util.Objects.requireNonNull(flux.blockLast(), "a reduction has a result");
  }
}
