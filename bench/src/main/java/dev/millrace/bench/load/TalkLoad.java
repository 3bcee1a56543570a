package dev.millrace.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/// Many clients that send as fast as the server takes it. The measured part ends when the server
/// has answered a question that each client asks behind its last message: everything sent has been
/// handled by then. For one thread; the clients stay connected between runs.
public final class TalkLoad implements AutoCloseable {
  private final SocketLoop loop = new SocketLoop();
  private final Talker[] talkers;
  private final boolean echoes;
  private final Duration patience;

  /// What one run came to. `echoed` is 0 where nothing is echoed.
  public record Result(
      long sent,
      long repeated,
      long echoed,
      double seconds,
      double serverCpuSeconds,
      double clientCpuSeconds) {
    public double perSecond() {
      return sent / seconds;
    }

    /// NaN when the server's processor time was too short to be seen.
    public double perServerCpuSecond() {
      return serverCpuSeconds > 0 ? sent / serverCpuSeconds : Double.NaN;
    }
  }

  /// Connects `clients` of them.
  ///
  /// @param echoes whether the server sends everything back
  public TalkLoad(Target target, int clients, int messageBytes, boolean echoes, Duration patience)
      throws IOException {
    if (clients < 1) {
      throw new IllegalArgumentException("clients " + clients + " < 1");
    }
    requireMessageBytes(messageBytes);
    this.echoes = echoes;
    this.patience = patience;
    talkers = new Talker[clients];
    for (int i = 0; i < clients; i++) {
      talkers[i] = new Talker(target, loop.selector(), i, messageBytes, echoes);
    }
    long deadline = deadline();
    while (loop.opened() < clients) {
      turn(SocketLoop.SLICE_MILLIS);
      within(deadline, "connected");
    }
  }

  /// Refuses lengths that a message cannot have.
  ///
  /// @throws IllegalArgumentException if it is too short for an id, or too long for a frame
  public static void requireMessageBytes(int messageBytes) {
    if (messageBytes < Talker.MIN_BYTES || messageBytes > LoadSpec.MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "a message of %d bytes is outside %d…%d"
              .formatted(messageBytes, Talker.MIN_BYTES, LoadSpec.MAX_PAYLOAD_BYTES));
    }
  }

  /// Sends for `time`, then waits until all of it has been handled.
  public Result run(Duration time, Supplier<Duration> serverCpu) throws IOException {
    long sentBefore = sent();
    long repeatedBefore = repeated();
    long echoedBefore = echoed();
    var serverBefore = serverCpu.get();
    var clientBefore = FanoutLoad.ownCpu();
    long begun = System.nanoTime();
    long end = begun + time.toNanos();
    while (System.nanoTime() - end < 0) {
      for (var talker : talkers) {
        talker.talk();
      }
      turn(0);
    }
    askAll();
    double seconds = (System.nanoTime() - begun) / 1e9;
    long sent = sent() - sentBefore;
    long echoed = echoed() - echoedBefore;
    if (echoes && echoed != sent) {
      throw new IOException(sent + " messages were sent and " + echoed + " came back");
    }
    return new Result(
        sent,
        repeated() - repeatedBefore,
        echoed,
        seconds,
        serverCpu.get().minus(serverBefore).toNanos() / 1e9,
        FanoutLoad.ownCpu().minus(clientBefore).toNanos() / 1e9);
  }

  @Override
  public void close() throws IOException {
    loop.close();
  }

  private void askAll() throws IOException {
    long deadline = deadline();
    for (var talker : talkers) {
      while (!talker.ask()) {
        turn(1);
        within(deadline, "taken what was sent to it");
      }
    }
    for (var talker : talkers) {
      while (!talker.isAnswered()) {
        turn(SocketLoop.SLICE_MILLIS);
        within(deadline, "answered");
      }
    }
  }

  private void turn(long millis) throws IOException {
    loop.turn(millis);
    loop.requireAllAlive();
  }

  private void within(long deadline, String done) throws IOException {
    if (System.nanoTime() - deadline > 0) {
      throw new IOException("the server has not " + done + " within " + patience);
    }
  }

  private long deadline() {
    return System.nanoTime() + patience.toNanos();
  }

  private long sent() {
    long sum = 0;
    for (var talker : talkers) {
      sum += talker.sent();
    }
    return sum;
  }

  private long repeated() {
    long sum = 0;
    for (var talker : talkers) {
      sum += talker.repeated();
    }
    return sum;
  }

  private long echoed() {
    long sum = 0;
    for (var talker : talkers) {
      sum += talker.echoed();
    }
    return sum;
  }
}
