package dev.millrace.testkit.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodeHarnessTest {
  private static final List<Frame> FRAMES =
      LongStream.range(1, 200)
          .mapToObj(i -> Frame.json(i * 1_000, i, "{\"n\":" + i + "}"))
          .toList();

  @Test
  void aNodeThatKeepsTheContractPassesAllCases() throws Exception {
    var outputs = NodeHarness.processor(Passing::new).inputs(FRAMES).seed(7).check();

    assertThat(outputs).isEqualTo(FRAMES);
    assertThat(NodeHarness.run(new Passing(), FRAMES)).isEqualTo(FRAMES);
  }

  @Test
  void aNodeThatForgetsItsLastFramesIsCaught() {
    assertThatThrownBy(() -> NodeHarness.processor(ForgettingGatherer::new).inputs(FRAMES).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("all at once");
  }

  @Test
  void aNodeThatKeepsTheOutletIsCaught() {
    assertThatThrownBy(() -> NodeHarness.processor(OutletKeeper::new).inputs(FRAMES).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("outside of the call");
  }

  @Test
  void aNodeThatWritesIntoItsInputIsCaught() {
    var inputs =
        List.of(new Frame(1, 1, Samples.of(Map.of("a", new double[] {1, 2})), Metadata.NONE));

    assertThatThrownBy(() -> NodeHarness.processor(Scribbler::new).inputs(inputs).check())
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aNodeThatInventsSequencesIsCaughtUnlessItSaysSo() throws Exception {
    assertThatThrownBy(() -> NodeHarness.processor(Renumberer::new).inputs(FRAMES).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no input has the sequence");
    assertThat(NodeHarness.processor(Renumberer::new).inputs(FRAMES).ownSequences().check())
        .hasSize(FRAMES.size());
  }

  @Test
  void aNodeThatFailsIsCaughtUnlessItSaysSo() throws Exception {
    assertThatThrownBy(() -> NodeHarness.processor(Failing::new).inputs(FRAMES).check())
        .isInstanceOf(AssertionError.class)
        .hasRootCauseMessage("no");
    assertThat(NodeHarness.processor(Failing::new).inputs(FRAMES).failuresExpected().check())
        .isEmpty();
  }

  @Test
  void aNodeThatMarksEachBatchPassesWhenItSaysThatBatchingMatters() throws Exception {
    assertThat(
            NodeHarness.processor(OneAnEnd::new).inputs(FRAMES).outputsDependOnBatching().check())
        .hasSize(FRAMES.size());
    assertThatThrownBy(() -> NodeHarness.processor(OneAnEnd::new).inputs(FRAMES).check())
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aNodeThatIsNotReadyIsAskedAgainAfterItWokeItself() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(new Reluctant(), context)) {
      assertThat(run.ready()).isFalse();
      run.batch(Frame.trigger(1, 1));
      assertThat(run.outputs()).hasSize(1);
    }
  }

  @Test
  void aFiniteSourcePassesAllCasesAndResumes() throws Exception {
    var outputs = NodeHarness.source(() -> new Counting(300, true)).check();

    assertThat(outputs).hasSize(300);
  }

  @Test
  void aSourceThatForgetsWhereItWasIsCaught() {
    assertThatThrownBy(() -> NodeHarness.source(() -> new Counting(300, false)).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("resumed after");
  }

  @Test
  void aSourceThatIgnoresItsLimitIsCaught() {
    assertThatThrownBy(() -> NodeHarness.source(Flooding::new).frames(10).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("asked for at most 1 frames, emitted 3");
  }

  @Test
  void aSourceThatSleepsIsTakenToTheTimeItAskedFor() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(new Ticking(), context)) {
      run.pollUntil(5, 64);
      assertThat(run.outputs()).hasSize(5);
      assertThat(context.clock().nanoTime()).isEqualTo(Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void theContextRemembersWhatTheNodeSaid() throws Exception {
    var context = new TestNodeContext();
    try (context) {
      context.rejected("bad_line", "line 3 is no JSON");
      context.trouble("the disk is full");
      context.trouble("the disk is full");
      assertThat(context.trouble()).isEqualTo("the disk is full");
      context.recovered();

      assertThat(context.rejections())
          .containsExactly(new TestNodeContext.Rejection("bad_line", "line 3 is no JSON"));
      assertThat(context.troubles()).containsExactly("the disk is full");
      assertThat(context.trouble()).isNull();
      assertThat(context.resolve("a/b.txt")).startsWithRaw(context.dataDirectory());
      assertThatThrownBy(() -> context.resolve("../x")).isInstanceOf(ProblemException.class);
      Files.createDirectories(context.resolve("a"));
      Files.writeString(context.resolve("a/b.txt"), "x");
    }
    assertThat(context.dataDirectory()).doesNotExist();
  }

  @Test
  void framesAreComparedDownToTheSample() {
    var one = new Frame(1, 2, Samples.of(Map.of("a", new double[] {1})), Metadata.NONE);
    var same = new Frame(1, 2, Samples.of(Map.of("a", new double[] {1})), Metadata.NONE);

    assertThat(FrameText.of(one))
        .isEqualTo(FrameText.of(same))
        .isEqualTo("#2 @1 samples a=[1.0] {}");
    assertThat(FrameText.of(one.withBody(new Body.Text("t")))).isEqualTo("#2 @1 text t {}");
    assertThat(FrameText.of(one.withBody(Body.EMPTY))).isEqualTo("#2 @1 empty {}");
  }

  private static final class Passing implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(frame);
    }
  }

  private static final class ForgettingGatherer implements Processor {
    private @Nullable Frame held;

    @Override
    public void process(Frame frame, Outlet outlet) {
      held = frame;
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      if (held != null) {
        outlet.emit(held);
        held = null;
      }
    }
  }

  private static final class OneAnEnd implements Processor {
    private @Nullable Frame last;

    @Override
    public void process(Frame frame, Outlet outlet) {
      last = frame;
    }

    @Override
    public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
      if (last != null) {
        outlet.emit(last);
        last = null;
      }
    }
  }

  private static final class OutletKeeper implements Processor {
    private @Nullable Outlet kept;

    @Override
    public void process(Frame frame, Outlet outlet) {
      kept = outlet;
    }

    @Override
    public boolean ready() {
      if (kept != null) {
        kept.emit(Frame.trigger(1, 1));
      }
      return true;
    }
  }

  private static final class Scribbler implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      if (frame.body() instanceof Samples samples) {
        samples.channels().values().forEach(values -> java.util.Arrays.fill(values, 0));
      }
      outlet.emit(frame);
    }
  }

  private static final class Renumberer implements Processor {
    private long next = 1_000_000;

    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(new Frame(frame.timestampMicros(), next++, frame.body(), frame.metadata()));
    }
  }

  private static final class Failing implements Processor {
    @Override
    public void process(Frame frame, Outlet outlet) {
      throw new IllegalStateException("no");
    }
  }

  private static final class Reluctant implements Processor {
    private volatile boolean ready; // written by the helper thread, read by the node's
    private @Nullable Thread helper;

    @Override
    public void open(NodeContext context) {
      helper =
          Thread.ofVirtual()
              .unstarted(
                  () -> {
                    ready = true;
                    context.wake();
                  });
    }

    @Override
    public boolean ready() {
      var starting = helper;
      helper = null;
      if (starting != null) {
        starting.start();
        return false;
      }
      return ready;
    }

    @Override
    public void process(Frame frame, Outlet outlet) {
      outlet.emit(frame);
    }
  }

  private static final class Counting implements Source {
    private final long last;
    private final boolean resumes;
    private long next = 1;
    private boolean draining;

    Counting(long last, boolean resumes) {
      this.last = last;
      this.resumes = resumes;
    }

    @Override
    public void open(NodeContext context) {
      if (resumes) {
        next = context.resumeAfter("count").orElse(0) + 1;
      }
    }

    @Override
    public Progress poll(Outlet outlet, int limit) {
      for (int i = 0; i < limit && next <= last && !draining; i++) {
        outlet.emit(Frame.trigger(next, next));
        next++;
      }
      return next > last || draining ? Progress.DONE : Progress.MORE;
    }

    @Override
    public SourcePosition position() {
      return SourcePosition.exact("count", next - 1);
    }

    @Override
    public void drain() {
      draining = true;
    }
  }

  private static final class Flooding implements Source {
    @Override
    public Progress poll(Outlet outlet, int limit) {
      var frames = new ArrayList<Frame>();
      for (int i = 0; i < 3; i++) {
        frames.add(Frame.trigger(i, i));
      }
      frames.forEach(outlet::emit);
      return Progress.MORE;
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }

  private static final class Ticking implements Source {
    private long made;

    @Override
    public Progress poll(Outlet outlet, int limit) {
      outlet.emit(Frame.trigger(made, made));
      made++;
      return Progress.at(made * Duration.ofSeconds(1).toNanos());
    }

    @Override
    public @Nullable SourcePosition position() {
      return null;
    }
  }
}
