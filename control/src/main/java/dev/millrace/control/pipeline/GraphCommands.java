package dev.millrace.control.pipeline;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The commands behind the routes of one pipeline, `pipeline_create` to `pipeline_trigger`, for the
/// operators' socket too.
public final class GraphCommands {
  private static final String GRAPH =
      """
      "graph":{"nodes":[{"id":"louder","type":"Gain","config":{"gain_db":6}},\
      {"id":"out","type":"Publish","config":{"topic":"loud"}}],\
      "connections":[{"from":"louder","to":"out"}]}\
      """;
  static final String STATE =
      """
      {"ok":true,"applied":true,"state":{"pipeline":"demo","state":"%s","reason":"%s",\
      "admin_paused":%s,"autostart":false,"trouble":null}}\
      """;
  static final String MADE =
      """
      {"ok":true,"applied":true,"id":"demo","state":"Idle","warnings":[{"code":"W_ISOLATED",\
      "pointer":"/nodes/0","nodes":["louder"],"message":"nothing takes the frames of louder",\
      "hint":"Connect it.","line":1,"column":10}]}\
      """;

  private static final String CHANGED =
      """
      {"ok":true,"applied":true,"id":"demo","state":"Running","warnings":[],"change":\
      {"pipeline":"demo","in_place":true,"kept":["out"],"changed":["louder"],"added":[],\
      "removed":[]}}\
      """;

  private final PipelineMoves moves;
  private final GraphEdits edits;
  private final Triggers triggers;
  private final FrameReplays replays;

  /// `catalogue` has the node types of graphs; `patience` is how long a trigger may wait for room.
  public GraphCommands(PipelineSet set, NodeCatalogue catalogue, Clock clock, Duration patience) {
    this.moves = new PipelineMoves(set, new PipelineSwitches(set));
    this.edits = new GraphEdits(set, catalogue);
    this.triggers = new Triggers(set, clock, patience);
    this.replays = new FrameReplays(set);
  }

  Triggers triggers() {
    return triggers;
  }

  public List<Command> commands() {
    return List.of(
        new Command(
            "pipeline_create",
            Role.ADMIN,
            creating(
                Route.Docs.of(
                        "Makes a pipeline from a graph document. It lives until the process ends"
                            + " and is Idle until it is started, unless autostart is true. Its"
                            + " files are those below the data directory.")
                    .takes("{\"pipeline\":\"demo\",\"autostart\":false," + GRAPH + "}")),
            edits::create),
        new Command(
            "pipeline_change",
            Role.ADMIN,
            changing(
                Route.Docs.of(
                        "Gives a pipeline another graph. If it runs it goes on: nodes that stay the"
                            + " same keep their state, and no frame is lost on the ways that stay;"
                            + " where that cannot be, it drains and starts anew. change says which,"
                            + " and which nodes were kept. One of the configuration is what the"
                            + " file says again when a changed one is next taken over.")
                    .takes("{\"pipeline\":\"demo\"," + GRAPH + "}")),
            edits::change),
        new Command(
            "pipeline_delete",
            Role.ADMIN,
            deleting(
                Route.Docs.of("Ends and forgets a pipeline that was made by pipeline_create.")
                    .takes("{\"pipeline\":\"demo\"}")),
            edits::delete),
        moving(
            "pipeline_start",
            "Begins a run of a pipeline that is Idle or whose run has ended.",
            STATE.formatted("Running", "AdminStart", false),
            moves::start),
        moving(
            "pipeline_stop",
            "Drains a pipeline; the answer comes after the drain, and what nodes keep can still be"
                + " read.",
            STATE.formatted("Completed", "AdminPause", true),
            moves::stop),
        moving(
            "pipeline_pause",
            "Has every node stand still after the frame in hand; queues keep what is in them.",
            STATE.formatted("Paused", "AdminStart", false),
            moves::pause),
        moving(
            "pipeline_resume",
            "Goes on after pipeline_pause.",
            STATE.formatted("Running", "AdminStart", false),
            moves::resume),
        new Command(
            "pipeline_trigger",
            Role.OPERATOR,
            triggering(
                Route.Docs.of("Puts one frame into a pipeline, without waiting for room.")
                    .takes(
                        "{\"pipeline\":\"demo\",\"node\":\"louder\",\"frame\":{\"timestamp\":0,"
                            + "\"sequence_id\":0,\"payload\":{\"ch0\":[0.5]},\"metadata\":{}}}")),
            this::trigger,
            true),
        new Command(
            "pipeline_replay",
            Role.OPERATOR,
            FrameReplays.describing(
                Route.Docs.of(
                        "Puts one frame in front of a node, as if it had come over that edge: the"
                            + " given one, or, with trace instead of frame, the last that the node"
                            + " before it made of that trace, if it is still kept. It gets a trace"
                            + " id of its own and the metadata replayed.")
                    .takes("{\"pipeline\":\"demo\"," + FrameReplays.BODY)),
            replays::replay));
  }

  /// What is done to the pipeline of a name.
  @FunctionalInterface
  private interface Move {
    PipelineOutcome of(String name) throws InterruptedException;
  }

  private static Command moving(String name, String summary, String answer, Move move) {
    return new Command(
        name,
        Role.OPERATOR,
        transitions(Route.Docs.of(summary).takes("{\"pipeline\":\"demo\"}").answers(answer)),
        call -> {
          var pipeline = name(call);
          return pipeline == null ? nameless() : PipelineCommands.result(move.of(pipeline));
        });
  }

  private CommandResult trigger(CommandCall call) throws InterruptedException {
    var pipeline = name(call);
    if (pipeline == null) {
      return nameless();
    }
    var node = call.arguments().get("node");
    var frame = call.arguments().get("frame");
    return triggers.trigger(
        pipeline,
        node == null || !node.isString() ? null : node.asString(),
        frame == null
            ? new byte[0]
            : frame.isString()
                ? frame.asString().getBytes(StandardCharsets.UTF_8)
                : Json.bytes(frame),
        false,
        call.requestId());
  }

  static Route.Docs creating(Route.Docs docs) {
    return graphs(docs, MADE)
        .fails(409, "PIPELINE_EXISTS", "there is a pipeline of that name")
        .fails(409, "TOO_MANY_PIPELINES", "there are 1000 such pipelines");
  }

  static Route.Docs changing(Route.Docs docs) {
    return graphs(docs, CHANGED)
        .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(409, "NOT_CHANGED", "nodes do not get through their frames; the old graph goes on");
  }

  private static Route.Docs graphs(Route.Docs docs, String answer) {
    return docs.answers(answer)
        .fails(422, "BAD_GRAPH", "the graph is wrong; details.errors lists why and where")
        .fails(422, "VALIDATION_FAILED", "an argument is wrong; details.field names it")
        .fails(409, "START_FAILED", "a node cannot be opened; details say why")
        .fails(409, "BUSY", "another change is under way and takes long");
  }

  static Route.Docs deleting(Route.Docs docs) {
    return docs.answers("{\"ok\":true,\"applied\":true,\"id\":\"demo\"}")
        .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(409, "CONFIGURED", "the pipeline stands in the configuration")
        .fails(409, "BUSY", "another change is under way and takes long");
  }

  static Route.Docs transitions(Route.Docs docs) {
    return docs.fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(409, "INVALID_TRANSITION", "the pipeline's state does not allow that")
        .fails(409, "START_FAILED", "a node cannot be opened; details say why")
        .fails(409, "PAUSED", "all pipelines are paused")
        .fails(409, "BUSY", "the pipeline is being changed and that takes long");
  }

  static Route.Docs triggering(Route.Docs docs) {
    return docs.answers("{\"ok\":true,\"applied\":true,\"accepted\":1,\"trace_id\":\"b7e1\"}")
        .fails(404, "UNKNOWN_PIPELINE", "there is no pipeline of that name")
        .fails(404, "UNKNOWN_NODE", "the pipeline has no such node")
        .fails(409, "NOT_TAKEN", "the pipeline does not run, or takes no triggers there")
        .fails(422, "BAD_FRAME", "the frame is wrong; details.errors says where")
        .fails(429, "QUEUE_FULL", "there is no room for a frame")
        .fails(503, "PAUSED", "the pipeline is paused");
  }

  private static @Nullable String name(CommandCall call) {
    var given = call.arguments().get("pipeline");
    return given != null && given.isString() ? given.asString() : null;
  }

  private static CommandResult nameless() {
    var details = Json.mapper().createObjectNode().put("field", "pipeline");
    return new CommandResult.Failed(
        422, "VALIDATION_FAILED", "pipeline wants the name of a pipeline", details);
  }
}
