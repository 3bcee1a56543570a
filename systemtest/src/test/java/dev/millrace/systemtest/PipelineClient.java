package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import tools.jackson.databind.JsonNode;

/// One pipeline of a server, over HTTP. Whatever is not answered as it should be fails the test.
record PipelineClient(URI address, String name) {
  private static final String ALL = "/api/v1/pipelines";

  /// Makes it of a graph document; it is Idle.
  static PipelineClient make(URI address, String name, String graph) {
    var answer = Http.postJson(address, ALL + "?name=" + name, graph);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return new PipelineClient(address, name);
  }

  /// Gives it another graph.
  void change(String graph) {
    var answer = Http.ask(null, "PUT", address, path(""), graph);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  /// `start`, `stop`, `pause` or `resume`.
  void move(String verb) {
    var answer = Http.postJson(address, path("/" + verb), "");
    assertThat(answer.status()).as("%s: %s", verb, answer.body()).isEqualTo(200);
  }

  /// One empty frame into the entry `node`, once there is room.
  Http.Answer trigger(String node) {
    return Http.postJson(address, path("/trigger?wait=true&node=" + node), "");
  }

  /// What its nodes have counted, by id.
  JsonNode metrics() {
    return get("/metrics");
  }

  /// The frames that `node` keeps, oldest first.
  JsonNode collected(String node) {
    return get("/collect/" + node).path("frames");
  }

  /// Itself with its nodes and edges.
  JsonNode whole() {
    return get("");
  }

  private JsonNode get(String rest) {
    var answer = Http.get(address, path(rest));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private String path(String rest) {
    return ALL + "/" + name + rest;
  }
}
