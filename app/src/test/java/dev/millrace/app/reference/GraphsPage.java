package dev.millrace.app.reference;

import dev.millrace.engine.graph.GraphKeys;

/// `graphs.md`: how a graph is written.
final class GraphsPage {
  private GraphsPage() {}

  static String text() {
    var page =
        Page.titled("Graphs")
            .paragraph(
                "How a graph is written, as JSON or YAML, in a file of its own or under"
                    + " `pipelines` of a configuration. `millrace graph check FILE` reports all"
                    + " problems at once. Node types and their `config`: [nodes](nodes.md); codes:"
                    + " [errors](errors.md).")
            .code(
                "yaml",
                """
                pipeline_config: { channel_capacity: 100 }
                nodes:
                  - { id: tone, type: SineGenerator, config: { frequency: 440 } }
                  - { id: kept, type: Collect }
                connections:
                  - { from: tone, to: kept }
                tests:
                  - { name: one frame for each trigger, triggers: 2, targets: { kept: { count: 2 } } }
                """);
    page.section("pipeline_config").paragraph("What holds for the whole graph.");
    KeyTable.plain(page, GraphKeys.settings());
    page.paragraph("`error_policy` and `restart` here are those of every node that has none.");
    node(page);
    connection(page);
    failures(page);
    page.section("tests")
        .paragraph(
            "Cases for `millrace graph test`, here or in a file of their own: `name`, `triggers`"
                + " (how many empty frames, or a list of frames; one without it), `into` (the node"
                + " they enter; every entry without it), and `targets` by node: `count`, `frames`,"
                + " `tolerance` (1e-9), and `checks` with `frame`, `channel`, `rms`, `mean`,"
                + " `peak`, `length`, `channels`, `metadata`, `sequence_id`, `tolerance`.");
    return page.text();
  }

  private static void node(Page page) {
    page.section("nodes")
        .paragraph(
            "Each has an `id`, which no other has, a `type`, and its `config`, which may be called"
                + " `parameters` or `params`.");
    KeyTable.plain(page, GraphKeys.node());
  }

  private static void connection(Page page) {
    page.section("connections")
        .paragraph(
            "Each leads `from` a node `to` another (or `source`, `target`; the list may be called"
                + " `edges`). What a node emits goes over every connection that leads from it.");
    KeyTable.plain(page, GraphKeys.connection());
  }

  private static void failures(Page page) {
    page.section("When a node fails")
        .paragraph(
            "Keys of a node, or of `pipeline_config` for all: restart first, policy last, for each"
                + " frame on which the node fails. Names in any case; `{\"type\": \"exponential\","
                + " …}` does as well.");
    page.table("key", "value", "what");
    page.row("`error_policy`", "`Propagate`", "The pipeline ends. The default.");
    page.row(
        "",
        "`SkipFrame`",
        "The frame is dropped; with `{SkipFrame: {forward_input: true}}` it goes on as it came.");
    page.row("", "`{UseDefault: FRAME}`", "That frame goes on in its place.");
    page.row("`restart`", "`Never`", "The policy at once. The default.");
    page.row(
        "",
        "`Immediate`",
        "A fresh instance gets the same frame, at most `max_attempts` (3) times.");
    page.row(
        "",
        "`{Exponential: {base_ms, max_ms, max_attempts, jitter}}`",
        "The same, after `base_ms`, twice that and so on, at most `max_ms`; `jitter` 0 to 1.");
    page.row(
        "",
        "`{CircuitBreaker: {error_threshold, timeout_ms}}`",
        "After so many failures in a row frames go to the policy unseen for `timeout_ms`; then one"
            + " is tried.");
    page.row(
        "`dead_letter`",
        "id of a node",
        "Takes the frames that the policy decides about, with `error`, `error_node` and"
            + " `error_attempts` in their metadata. Needs no connection.");
  }
}
