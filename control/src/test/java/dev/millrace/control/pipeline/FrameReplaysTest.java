package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/// Frames that operators put in once more.
@Timeout(60)
class FrameReplaysTest {
  private final World world = new World();
  private final FrameReplays replays = new FrameReplays(world.set);

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aFrameGoesOverTheEdgeAndGetsATraceOfItsOwn() throws Exception {
    world.set.open(List.of(world.graph("p")));
    world.awaitFlow("p");

    var done = replay("{'pipeline':'p','edge':'count->pass','frame':{'sequence_id':7}}");
    assertThat(done).isInstanceOf(CommandResult.Done.class);
    var trace = ((CommandResult.Done) done).fields().path("trace_id").asString();
    assertThat(trace).isNotBlank();
    var pipeline = world.set.find("p").orElseThrow();
    World.until("it arrives", () -> pipeline.provenance(trace, 10).size() == 3);

    var again = replay("{'pipeline':'p','edge':'pass -> store','trace':'" + trace + "'}");
    assertThat(again).isInstanceOf(CommandResult.Done.class);
  }

  @Test
  void whatCannotBeReplayedIsRefusedByStatusAndCode() throws Exception {
    world.set.open(List.of(world.graph("p")));
    world.awaitFlow("p");

    assertThat(failure("{'edge':'a->b'}")).isEqualTo("422 VALIDATION_FAILED pipeline");
    for (var edge : List.of("'count'", "'->pass'", "'count->'", "3")) {
      assertThat(failure("{'pipeline':'p','frame':{},'edge':" + edge + "}"))
          .isEqualTo("422 VALIDATION_FAILED edge");
    }
    assertThat(failure("{'pipeline':'q','edge':'a->b','frame':{}}"))
        .isEqualTo("404 UNKNOWN_PIPELINE ");
    assertThat(failure("{'pipeline':'p','edge':'count->pass'}"))
        .isEqualTo("422 VALIDATION_FAILED frame");
    assertThat(failure("{'pipeline':'p','edge':'count->pass','frame':{},'trace':'t'}"))
        .isEqualTo("422 VALIDATION_FAILED frame");
    assertThat(failure("{'pipeline':'p','edge':'pass->count','frame':{}}"))
        .isEqualTo("422 VALIDATION_FAILED edge");
    assertThat(failure("{'pipeline':'p','edge':'count->pass','trace':'t'}"))
        .isEqualTo("422 VALIDATION_FAILED edge");
    assertThat(failure("{'pipeline':'p','edge':'count->pass','frame':{'sequence_id':-1}}"))
        .isEqualTo("422 BAD_FRAME ");

    world.set.find("p").orElseThrow().drain();
    assertThat(failure("{'pipeline':'p','edge':'count->pass','frame':{}}"))
        .isEqualTo("409 NOT_TAKEN ");
  }

  private CommandResult replay(String arguments) {
    var tree = Json.tree(arguments.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return replays.replay(
        new CommandCall(
            "pipeline_replay",
            (ObjectNode) tree,
            Principal.local("127.0.0.1"),
            CommandCall.Origin.REST,
            "r1"));
  }

  private String failure(String arguments) {
    var failed = (CommandResult.Failed) Objects.requireNonNull(replay(arguments));
    return failed.status() + " " + failed.code() + " " + failed.details().path("field").asString();
  }
}
