package dev.millrace.bench.process;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// What a Millrace server has counted, as it stands on its `/metrics`. Immutable.
public record ServerFigures(Map<String, Double> series) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public ServerFigures {
    series = Map.copyOf(series);
  }

  /// Asks the server at `base`.
  public static ServerFigures of(URI base) throws IOException {
    try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      var request = HttpRequest.newBuilder(base.resolve("/metrics")).timeout(PATIENCE).build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(request.uri() + " answered " + answer.statusCode());
      }
      return read(answer.body());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while asking for the server's figures");
    }
  }

  /// Reads the Prometheus text format: one series a line, its value behind the last space.
  static ServerFigures read(String text) {
    var series = new HashMap<String, Double>();
    for (var line : text.split("\n", -1)) {
      int space = line.lastIndexOf(' ');
      if (space > 0 && !line.startsWith("#")) {
        series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
      }
    }
    return new ServerFigures(series);
  }

  /// The sum over all labels of `metric`.
  public long sum(String metric) {
    double sum = 0;
    for (var one : series.entrySet()) {
      if (one.getKey().equals(metric) || one.getKey().startsWith(metric + "{")) {
        sum += one.getValue();
      }
    }
    return Math.round(sum);
  }

  /// The series of `metric` whose label `label` is `value`; 0 where there is none.
  public long value(String metric, String label, String value) {
    return Math.round(series.getOrDefault(metric + "{" + label + "=\"" + value + "\"}", 0.0));
  }
}
