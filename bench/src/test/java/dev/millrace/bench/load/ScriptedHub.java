package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.TestSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A slow, simple hub that misbehaves as the test says. One virtual thread per connection; frames
/// go out in an envelope, after a greeting, as a server with a protocol of its own sends them.
final class ScriptedHub implements AutoCloseable {
  private final ServerSocketChannel door;
  private final Script script;
  private final List<TestSocket> subscribers = new CopyOnWriteArrayList<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private int published; // written and read by the one publisher's thread

  ScriptedHub(Script script) throws IOException {
    this.script = script;
    door = ServerSocketChannel.open();
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofVirtual().start(this::acceptAll);
  }

  Target target() throws IOException {
    var port = ((InetSocketAddress) door.getLocalAddress()).getPort();
    return Target.millrace(URI.create("http://127.0.0.1:" + port));
  }

  /// What subscribers said.
  List<String> heard() {
    return heard;
  }

  @Override
  public void close() throws IOException {
    door.close();
    if (failure.get() != null) {
      throw new AssertionError("the scripted hub failed", failure.get());
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        var channel = door.accept();
        Thread.ofVirtual().start(() -> serve(channel));
      }
    } catch (AsynchronousCloseException closed) {
      // The test is over.
    } catch (IOException broken) {
      failure.set(broken);
    }
  }

  private void serve(SocketChannel channel) {
    try (var socket = TestSocket.accepted(channel)) {
      var head = socket.readHead();
      var key = Objects.requireNonNull(Handshake.header(head, "Sec-WebSocket-Key"));
      socket.send(Handshake.accepted(key));
      if (head.startsWith("GET /wse?topics=bench&compression=false ")) {
        subscriber(socket);
      } else if (head.startsWith("GET /ws/publish/bench ")) {
        publisher(socket);
      }
    } catch (SocketException | AssertionError left) {
      // The load went away, or the script closed the connection; the test looks at the result.
    } catch (IOException | RuntimeException broken) {
      failure.set(broken);
    }
  }

  private void subscriber(TestSocket socket) throws IOException {
    socket.sendPlain(FrameHeader.TEXT, "{\"t\":\"server_ready\",\"p\":{}}");
    socket.sendPlain(FrameHeader.TEXT, "{\"t\":\"PING\",\"p\":{}}");
    socket.sendPlain(FrameHeader.PING, "hello");
    subscribers.add(socket);
    while (true) {
      heard.add(socket.readFrame().payload());
    }
  }

  private void publisher(TestSocket socket) throws IOException {
    while (true) {
      var payload = socket.readFrame().payload();
      for (int index = 0; index < subscribers.size(); index++) {
        script.message(this, published, index, payload);
      }
      published++;
    }
  }

  /// Sends `payload` to one subscriber, as it should be.
  void deliver(int subscriber, String payload) {
    try {
      subscribers
          .get(subscriber)
          .sendPlain(FrameHeader.BINARY, "U{\"t\":\"bench\",\"p\":" + payload + ",\"v\":1}");
    } catch (IOException gone) {
      // The script may have closed it before.
      heard.add("gone");
    }
  }

  void hangUp(int subscriber) {
    try {
      subscribers.get(subscriber).sendPlain(FrameHeader.CLOSE, "\u0003\u0004enough");
    } catch (IOException gone) {
      heard.add("gone");
    }
  }

  /// What to do with message `number`, counted from 0, for `subscriber`.
  @FunctionalInterface
  interface Script {
    void message(ScriptedHub hub, int number, int subscriber, String payload);
  }
}
