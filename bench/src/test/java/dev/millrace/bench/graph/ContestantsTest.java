package dev.millrace.bench.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ContestantsTest {

  @Test
  void theLoopDoesAllTheWorkEveryTime() {
    var loop = new PlainLoop();

    twice(() -> Work.checked(loop.run()));
  }

  @Test
  void theEngineDoesAllTheWorkEveryTime() {
    try (var chain = EngineWork.fused()) {
      twice(() -> Work.checked(chain.run()));
    }
  }

  @Test
  void theEngineDoesAllTheWorkThroughQueuesToo() {
    try (var chains = EngineWork.queued(Work.QUEUED_FRAMES, 0)) {
      twice(() -> Work.checked(chains.run()));
    }
    try (var narrow = EngineWork.queued(100, 2)) {
      twice(() -> Work.checked(narrow.run()));
    }
  }

  @Test
  void pekkoDoesAllTheWorkEveryTime() {
    try (var stream = new PekkoStream()) {
      twice(() -> Work.checked(stream.run()));
    }
  }

  @Test
  void reactorDoesAllTheWorkEveryTime() {
    var flux = new ReactorFlux();

    twice(() -> Work.checked(flux.run()));
  }

  @Test
  void theRingDoesAllTheWorkEveryTime() {
    try (var ring = new DisruptorRing(Work.QUEUED_FRAMES)) {
      twice(() -> Work.checked(ring.run()));
    }
  }

  @Test
  void theBlockingQueuesDoAllTheWorkEveryTime() {
    var queues = new BlockingQueues(Work.QUEUED_FRAMES);

    twice(() -> Work.checked(queues.run()));
  }

  @Test
  void aWrongSumIsNoResult() {
    assertThatThrownBy(() -> Work.checked(0)).hasMessageContaining("the sum is 0 and not ");
  }

  private static void twice(ThrowingCallable run) {
    assertThatCode(run).doesNotThrowAnyException();
    assertThatCode(run).doesNotThrowAnyException();
  }
}
