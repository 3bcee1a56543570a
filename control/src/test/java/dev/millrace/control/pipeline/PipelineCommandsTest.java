package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class PipelineCommandsTest {
  private final World world = new World();
  private final PipelineCommands commands = new PipelineCommands(world.set);

  @BeforeEach
  void open() throws Exception {
    world.set.open(List.of(world.graph("labels"), world.graph("broken", "broken")));
  }

  @AfterEach
  void stop() {
    world.close();
  }

  private CommandResult give(String name, String arguments) throws Exception {
    var fields = (ObjectNode) Json.tree(arguments.getBytes(StandardCharsets.UTF_8));
    var caller = Principal.local("127.0.0.1");
    var call = new CommandCall(name, fields, caller, CommandCall.Origin.REST, "r");
    return command(name).handler().run(call);
  }

  private Command command(String name) {
    return commands.commands().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String done(String name, String arguments) throws Exception {
    var result = give(name, arguments);
    assertThat(result).isInstanceOf(CommandResult.Done.class);
    return ((CommandResult.Done) result).fields().toString();
  }

  @Test
  void theyAreForOperatorsAndDocumented() {
    assertThat(commands.commands()).extracting(Command::role).containsOnly(Role.OPERATOR);
    assertThat(commands.commands())
        .allMatch(one -> Json.tree(bytes(String.valueOf(one.docs().responseExample()))).has("ok"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void onePipelineIsPausedAndStarted() throws Exception {
    var paused =
        "\"state\":{\"pipeline\":\"labels\",\"state\":\"Completed\",\"reason\":\"AdminPause\","
            + "\"admin_paused\":true,\"autostart\":true,\"trouble\":null}}";
    assertThat(done("pause", "{\"pipeline\":\"labels\"}")).isEqualTo("{\"applied\":true," + paused);
    assertThat(done("pause", "{\"pipeline\":\"labels\"}"))
        .isEqualTo("{\"applied\":false," + paused);
    assertThat(done("start", "{\"pipeline\":\"labels\"}"))
        .isEqualTo(
            "{\"applied\":true,\"state\":{\"pipeline\":\"labels\",\"state\":\"Running\","
                + "\"reason\":\"AdminStart\",\"admin_paused\":false,\"autostart\":true,"
                + "\"trouble\":null}}");
    assertThat(done("reboot", "{\"pipeline\":\"labels\"}")).contains("AdminReboot");
  }

  @Test
  void allPipelinesArePausedAndStartedAndThoseThatCannotAreNamed() throws Exception {
    assertThat(done("pause", "{}"))
        .startsWith("{\"applied\":true,\"state\":{\"admin_paused\":true,\"pipelines\":[{");
    world.broken.add("broken");
    assertThat(done("start", "{}"))
        .startsWith("{\"applied\":true,\"state\":{\"admin_paused\":false,\"pipelines\":[{")
        .endsWith(
            "\"failed\":[{\"code\":\"E_BROKEN\",\"message\":\"the pipeline broken cannot start:"
                + " node pass: broken on purpose\",\"fix\":\"Mend it.\"}]}");
    assertThat(world.state("labels")).isEqualTo("Running");
    assertThat(world.state("broken")).isEqualTo("Error");
  }

  @Test
  void framesThatADrainHadNoTimeForAreCounted() throws Exception {
    world.apply(world.graph("labels", "", "labels", 0, 5, true), world.graph("broken", "broken"));
    world.awaitFlow("labels");
    world.stuck.add("labels");
    World.until(
        "frames wait",
        () ->
            world.set.running().getFirst().snapshot().edges().stream()
                .anyMatch(edge -> edge.queuedFrames() > 0));
    assertThat(done("pause", "{\"pipeline\":\"labels\"}")).containsPattern("\"left\":[1-9]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pause| {\"pipeline\":\"lables\"}| 404| UNKNOWN_PIPELINE| did you mean labels?",
        "start| {\"pipeline\":\"zzzzzzzz\"}| 404| UNKNOWN_PIPELINE| GET /api/v1/pipelines",
        "reboot| {\"pipeline\":\"\"}| 404| UNKNOWN_PIPELINE| there is no pipeline",
        "reboot| {}| 422| VALIDATION_FAILED| which pipeline",
        "pause| {\"pipeline\":7}| 422| VALIDATION_FAILED| wants the name",
        "pause| {\"pipeline\":null}| 422| VALIDATION_FAILED| wants the name",
        "pause| {\"pipelin\":\"labels\"}| 422| VALIDATION_FAILED| did you mean pipeline?",
        "start| {\"asset\":\"labels\"}| 422| VALIDATION_FAILED| knows no argument asset",
      })
  void whatIsWrongIsSaid(String name, String arguments, int status, String code, String says)
      throws Exception {
    assertThat(give(name, arguments))
        .isInstanceOfSatisfying(
            CommandResult.Failed.class,
            failed -> {
              assertThat(failed.status()).isEqualTo(status);
              assertThat(failed.code()).isEqualTo(code);
              assertThat(failed.message()).contains(says);
            });
    assertThat(world.state("labels")).isEqualTo("Running");
  }

  @Test
  void whatCannotStartSaysWhy() throws Exception {
    world.broken.add("broken");
    assertThat(give("reboot", "{\"pipeline\":\"broken\"}"))
        .isInstanceOfSatisfying(
            CommandResult.Failed.class,
            failed -> {
              assertThat(failed.status()).isEqualTo(409);
              assertThat(failed.code()).isEqualTo("START_FAILED");
              assertThat(failed.details().path("fix").asString()).isEqualTo("Mend it.");
            });
    assertThat(done("pause", "{}")).contains("\"applied\":true");
    assertThat(give("reboot", "{\"pipeline\":\"labels\"}"))
        .isInstanceOfSatisfying(
            CommandResult.Failed.class, failed -> assertThat(failed.code()).isEqualTo("PAUSED"));
  }
}
