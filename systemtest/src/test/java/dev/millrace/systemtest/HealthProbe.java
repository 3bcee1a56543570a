package dev.millrace.systemtest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Asks `/healthz` a hundred times a second over one connection while something else goes on, and
/// notes how long each answer takes: from the first byte of the request to the last of the answer,
/// with whatever the machine and this process add. The very first answer, for which the server may
/// have to load classes, is not counted.
final class HealthProbe implements AutoCloseable {
  private static final long PERIOD_NANOS = 10_000_000;
  private static final int PATIENCE_MILLIS = 20_000;

  private final URI address;
  private final Thread thread;
  private final List<Double> millis = new ArrayList<>(); // the thread's until it has ended
  private volatile boolean stopped; // written by the test
  private volatile @Nullable IOException failure; // written by the thread

  /// How long answers took, in milliseconds.
  record Result(int answers, double p50, double p99, double max) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%d answers, p50 %.2f, p99 %.2f, p100 %.2f ms", answers, p50, p99, max);
    }
  }

  private HealthProbe(URI address) {
    this.address = address;
    this.thread = Thread.ofPlatform().name("health-probe").daemon().unstarted(this::run);
  }

  static HealthProbe start(URI address) {
    var probe = new HealthProbe(address);
    probe.thread.start();
    return probe;
  }

  /// Ends the probe; every answer was a 200.
  Result stop() throws InterruptedException {
    close();
    thread.join();
    if (failure != null) {
      throw new AssertionError("/healthz did not answer as it should", failure);
    }
    var sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Result(sorted.length, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
  }

  @Override
  public void close() {
    stopped = true;
  }

  private void run() {
    var request = "GET /healthz HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\n\r\n";
    var bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      var in = new BufferedInputStream(socket.getInputStream());
      socket.getOutputStream().write(bytes);
      readAnswer(in);
      while (!stopped) {
        long began = System.nanoTime();
        socket.getOutputStream().write(bytes);
        readAnswer(in);
        long took = System.nanoTime() - began;
        millis.add(took / 1e6);
        LockSupport.parkNanos(PERIOD_NANOS - took);
      }
    } catch (IOException broken) {
      failure = broken;
    }
  }

  private static void readAnswer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server closed the connection after " + head);
      }
      head.append((char) next);
    }
    var lower = head.toString().toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http/1.1 200 ")) {
      throw new IOException("the server answered " + head);
    }
    var field = "content-length: ";
    int from = lower.indexOf(field) + field.length();
    int length = Integer.parseInt(lower.substring(from, lower.indexOf('\r', from)).strip());
    if (in.readNBytes(length).length < length) {
      throw new IOException("the answer ended early");
    }
  }

  private static double at(double[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
