package dev.millrace.control.noc;

import dev.millrace.control.log.LogTail;
import dev.millrace.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.event.Level;
import tools.jackson.databind.node.ObjectNode;

/// Tails that have what the test gives them.
final class FakeTails implements NocEndpoint.Tails {
  final List<Tail> opened = new CopyOnWriteArrayList<>();

  @Override
  public LogTail open(Level least, String target, int limitPerSecond) {
    var tail = new Tail(least + " " + target + " " + limitPerSecond);
    opened.add(tail);
    return tail;
  }

  static final class Tail implements LogTail {
    final String asked;
    volatile boolean closed;
    private final List<ObjectNode> records = new ArrayList<>(); // guarded by this
    private long left; // guarded by this

    Tail(String asked) {
      this.asked = asked;
    }

    synchronized void log(String message, long suppressed) {
      records.add(Json.mapper().createObjectNode().put("msg", message));
      left += suppressed;
    }

    @Override
    public synchronized List<ObjectNode> take() {
      var taken = List.copyOf(records);
      records.clear();
      return taken;
    }

    @Override
    public synchronized long suppressed() {
      long suppressed = left;
      left = 0;
      return suppressed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
