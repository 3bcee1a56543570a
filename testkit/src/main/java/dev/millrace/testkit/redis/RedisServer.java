package dev.millrace.testkit.redis;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A redis-server process on loopback, with a port and a folder of its own, that keeps nothing. It
/// can be killed, started again on the same port, and paused. One thread uses it.
public final class RedisServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final RedisProgram program;
  private final Path folder;
  private final int port;
  private final @Nullable String password;
  private @Nullable Process process;

  private RedisServer(RedisProgram program, Path folder, int port, @Nullable String password) {
    this.program = program;
    this.folder = folder;
    this.port = port;
    this.password = password;
  }

  /// Why there can be none here, or null. The first call may fetch the program.
  public static @Nullable String missing() {
    return RedisProgram.find() instanceof RedisProgram.Missing(var why) ? why : null;
  }

  /// A running server; `folder` is for its log.
  public static RedisServer start(Path folder) {
    return start(folder, null);
  }

  /// One that asks for a password.
  public static RedisServer start(Path folder, @Nullable String password) {
    if (!(RedisProgram.find() instanceof RedisProgram.Found(var program))) {
      throw new IllegalStateException("there is no redis-server: " + missing());
    }
    var server = new RedisServer(program, folder, freePort(), password);
    server.start();
    return server;
  }

  /// Where it listens; without a password.
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /// Starts it again, empty, on the same port.
  public void start() {
    List<String> arguments = new ArrayList<>(List.of(program.command()));
    arguments.addAll(
        List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", ""));
    arguments.addAll(List.of("--appendonly", "no", "--dir", folder.toString()));
    if (password != null) {
      arguments.addAll(List.of("--requirepass", password));
    }
    var builder =
        new ProcessBuilder(arguments)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("redis.log").toFile()));
    builder.environment().putAll(program.environment());
    try {
      process = builder.start();
    } catch (IOException failure) {
      throw new IllegalStateException("redis-server does not start", failure);
    }
    Await.until(PATIENCE, this::answers, () -> "redis-server did not answer: " + log());
  }

  /// Ends it at once, as a crash does.
  public void kill() {
    var running = process;
    if (running != null) {
      running.destroyForcibly();
      running.onExit().join();
      process = null;
    }
  }

  /// It keeps its connections and answers nothing.
  public void pause() {
    signal("-STOP");
  }

  public void resume() {
    signal("-CONT");
  }

  /// Sends one command, as words, and returns the first line of the answer.
  public String command(String... words) {
    try (var socket = connect()) {
      var request = new StringBuilder("*" + words.length + "\r\n");
      for (var word : words) {
        int bytes = word.getBytes(StandardCharsets.UTF_8).length;
        request.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
      }
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      var answer = new StringBuilder();
      for (int c = socket.getInputStream().read();
          c >= 0 && c != '\n';
          c = socket.getInputStream().read()) {
        answer.append((char) c);
      }
      return answer.toString().strip();
    } catch (IOException failure) {
      throw new IllegalStateException("redis-server did not answer", failure);
    }
  }

  @Override
  public void close() {
    kill();
  }

  private boolean answers() {
    try (var socket = connect()) {
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      int first = socket.getInputStream().read();
      return first == '+' || (first == '-' && password != null);
    } catch (IOException notYet) {
      return false;
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  private void signal(String signal) {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("redis-server does not run");
    }
    try {
      int code = new ProcessBuilder("kill", signal, Long.toString(running.pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill " + signal + " ended with " + code);
      }
    } catch (IOException failure) {
      throw new IllegalStateException("kill " + signal + " failed", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("redis.log"));
    } catch (IOException failure) {
      return "and its log cannot be read: " + failure;
    }
  }

  private static int freePort() {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException failure) {
      throw new IllegalStateException("no port is free", failure);
    }
  }
}
