package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import dev.millrace.testkit.redis.RedisServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Processes that share a Redis, all of one configuration. Closing kills them.
final class ClusterOfProcesses implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String METRIC = "millrace_connect_redis_";

  /// One of them.
  record Instance(MillraceProcess process, URI address) {
    /// A client that follows a topic, and is let in.
    WebSocketClient follow(String topic) {
      var client = WebSocketClient.connect(address, "/wse?topics=" + topic + "&compression=false");
      client.await(
          "the subscription",
          received -> received.stream().anyMatch(one -> one.type().equals("subscription_update")));
      return client;
    }

    /// Publishes events of the type `number` with all numbers of a range, in one request.
    void publish(String topic, int from, int to) {
      var body =
          IntStream.range(from, to)
              .mapToObj(n -> "{\"type\":\"number\",\"payload\":{\"n\":" + n + "}}")
              .collect(Collectors.joining(",", "[", "]"));
      new Topics(address).publish(topic, body);
    }

    /// What the broker has counted, all labels together.
    long count(String metric) {
      return Exposition.of(address).sum(METRIC + metric, "");
    }

    void awaitHealth(int status) {
      Await.until(
          PATIENCE,
          () -> Http.get(address, "/health").status() == status,
          () -> Http.get(address, "/health").body());
    }

    /// Waits until this and so many others know of each other.
    void awaitOthers(int others) {
      Await.until(
          PATIENCE,
          () -> Exposition.of(address).value(METRIC + "instances") == others,
          () -> Http.get(address, "/health").body());
    }
  }

  private final List<Instance> instances = new ArrayList<>();

  /// Starts processes one to `count` in `folder`. `settings` are `key=value`.
  static ClusterOfProcesses start(
      Path folder, RedisServer redis, String mode, int count, String... settings) {
    var cluster = new ClusterOfProcesses();
    var processes =
        IntStream.rangeClosed(1, count)
            .mapToObj(number -> process(folder, redis, mode, number, settings))
            .toList();
    for (var process : processes) {
      cluster.instances.add(new Instance(process, process.awaitReady()));
    }
    cluster.instances.forEach(one -> one.awaitHealth(200));
    cluster.instances.forEach(one -> one.awaitOthers(count - 1));
    return cluster;
  }

  private static MillraceProcess process(
      Path folder, RedisServer redis, String mode, int number, String... settings) {
    var arguments = new ArrayList<>(List.of("run"));
    var all = new ArrayList<>(List.of(settings));
    all.add("server.port=0");
    all.add("server.data_dir=data" + number);
    all.add("cluster.redis.url=" + redis.url());
    all.add("cluster.broker.mode=" + mode);
    all.add("cluster.instance_timeout=3s"); // so that tests need not wait for what is silent
    for (var setting : all) {
      arguments.addAll(List.of("--set", setting));
    }
    return MillraceProcess.start(folder, arguments.toArray(String[]::new));
  }

  Instance get(int number) {
    return instances.get(number - 1);
  }

  /// The numbers that a client of [Instance#follow] received, once there are `count`.
  static List<Integer> numbers(WebSocketClient client, int count) {
    client.await(count + " numbers", received -> client.received("number").size() >= count);
    var numbers =
        client.received("number").stream()
            .map(message -> message.payload().path("n").asInt())
            .toList();
    assertThat(numbers).doesNotHaveDuplicates();
    return numbers;
  }

  @Override
  public void close() {
    instances.forEach(one -> one.process.close());
  }
}
