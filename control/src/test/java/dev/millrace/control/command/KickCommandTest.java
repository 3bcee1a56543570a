package dev.millrace.control.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class KickCommandTest {
  private final Command command = KickCommand.of(() -> null);

  private CommandResult.Failed run(String arguments) throws Exception {
    var fields = (ObjectNode) Json.tree(arguments.getBytes(StandardCharsets.UTF_8));
    var caller = new Principal("test", Principal.Kind.ANONYMOUS, Role.OPERATOR);
    var call = new CommandCall("kick", fields, caller, CommandCall.Origin.REST, "r");
    return (CommandResult.Failed) command.handler().run(call);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                  | client",
        "{\"client\":7.5,\"code\":1000}      | code",
        "{\"client\":\"a\",\"code\":1000}    | code",
        "{\"client\":\"a\",\"code\":\"x\"}   | code",
        "{\"client\":\"a\",\"code\":5000}    | code"
      })
  void whatIsNoConnectionOrNoCodeIsRefusedWithTheField(String arguments, String field)
      throws Exception {
    var failed = run(arguments);
    assertThat(failed.status()).isEqualTo(422);
    assertThat(failed.details().path("field").asString()).isEqualTo(field);
  }

  @Test
  void aReasonHasToFitIntoACloseFrame() throws Exception {
    var failed = run("{\"client\":\"a\",\"reason\":\"" + "ä".repeat(62) + "\"}");
    assertThat(failed.details().path("field").asString()).isEqualTo("reason");
  }

  @ParameterizedTest
  @CsvSource({"1008", "1012", "4010", "4403", "4999"})
  void aConnectionThatIsNotThereCannotBeEnded(int code) throws Exception {
    var failed = run("{\"client\":\"a\",\"code\":" + code + "}");
    assertThat(failed.status()).isEqualTo(404);
    assertThat(command.role()).isEqualTo(Role.OPERATOR);
  }
}
