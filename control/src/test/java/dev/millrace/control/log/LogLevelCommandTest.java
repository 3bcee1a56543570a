package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class LogLevelCommandTest {
  @Test
  void anOperatorSetsTheLevelOfOneComponent() throws Exception {
    try (var log = new LogFixture()) {
      assertThat(log.logs.levelCommand().name()).isEqualTo("log_level");
      assertThat(log.logs.levelCommand().role()).isEqualTo(Role.OPERATOR);

      assertThat(answer(log, "{\"level\":\"warn\",\"target\":\"engine\"}"))
          .isEqualTo("{\"applied\":true,\"state\":{\"target\":\"engine\",\"level\":\"warn\"}}");
      assertThat(log.logger().isInfoEnabled()).isFalse();
      assertThat(answer(log, "{\"level\":\"warn\",\"target\":\"engine\"}"))
          .contains("\"applied\":false");
    }
  }

  @Test
  void withoutATargetItIsTheLevelOfAll() throws Exception {
    try (var log = new LogFixture()) {
      assertThat(answer(log, "{\"level\":\"error\",\"target\":null}"))
          .isEqualTo("{\"applied\":true,\"state\":{\"target\":null,\"level\":\"error\"}}");
      assertThat(log.logger().isWarnEnabled()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{}                                    | level  | one of error, warn",
        "{\"level\":7}                         | level  | one of error, warn",
        "{\"level\":\"warm\"}                  | level  | Did you mean warn?",
        "{\"level\":\"x\\n\\u001b\"}           | level  | \"x\\n\\x1b\" is not a level",
        "{\"level\":\"info\",\"target\":3}     | target | a component",
        "{\"level\":\"info\",\"target\":\"\"}  | target | a component",
        "{\"level\":\"info\",\"target\":\"a..b\"}   | target | a component",
        "{\"level\":\"info\",\"target\":\"ROOT\"}   | target | a component",
        "{\"level\":\"info\",\"target\":\"a b\"}    | target | a component",
      })
  void whatIsNoLevelAndNoComponentIsRefused(String arguments, String field, String message)
      throws Exception {
    try (var log = new LogFixture()) {
      var result = log.logs.levelCommand().handler().run(call(arguments));
      assertThat(result).isInstanceOf(CommandResult.Failed.class);
      var failed = (CommandResult.Failed) result;
      assertThat(failed.status()).isEqualTo(422);
      assertThat(failed.code()).isEqualTo("VALIDATION_FAILED");
      assertThat(failed.message()).contains(message);
      assertThat(failed.details().get("field").stringValue()).isEqualTo(field);
      assertThat(log.logger().isTraceEnabled()).as("nothing changed").isTrue();
    }
  }

  private static String answer(LogFixture log, String arguments) throws Exception {
    var result = log.logs.levelCommand().handler().run(call(arguments));
    assertThat(result).isInstanceOf(CommandResult.Done.class);
    return ((CommandResult.Done) result).fields().toString();
  }

  private static CommandCall call(String arguments) {
    var fields = (ObjectNode) Json.tree(arguments.getBytes(StandardCharsets.UTF_8));
    return new CommandCall(
        "log_level", fields, Principal.local("127.0.0.1"), CommandCall.Origin.REST, "req-1");
  }
}
