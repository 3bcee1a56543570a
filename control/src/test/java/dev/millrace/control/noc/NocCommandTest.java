package dev.millrace.control.noc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.trace.Correlation;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class NocCommandTest {
  private final List<CommandCall> calls = new CopyOnWriteArrayList<>();

  private static TestConsole greeted(TestNoc noc, String query) throws InterruptedException {
    var console = noc.connect(query);
    console.next("hello");
    return console;
  }

  private static String code(JsonNode message) {
    return message.path("error").path("code").asString();
  }

  @Test
  void aCommandIsCarriedOutForItsCallerAndAnswered() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      noc.commands =
          call -> {
            calls.add(call);
            assertThat(Thread.currentThread().isVirtual()).isTrue();
            assertThat(Correlation.id()).isEqualTo(call.requestId());
            return CommandResult.Done.of(true, Json.mapper().createObjectNode().put("x", 1));
          };
      var console = greeted(noc, "?role=operator");
      console.send(
          "{\"op\":\"command\",\"id\":\"7\",\"command\":\"pause\",\"target\":{\"asset\":\"x\"},"
              + "\"args\":{\"why\":\"test\"}}");
      var result = console.next();
      var call = calls.getFirst();
      assertThat(result)
          .hasToString(
              "{\"type\":\"CommandResult\",\"id\":\"7\",\"ok\":true,\"applied\":true,"
                  + "\"result\":{\"state\":{\"x\":1}},\"request_id\":\""
                  + call.requestId()
                  + "\"}");
      assertThat(call.name()).isEqualTo("pause");
      assertThat(call.arguments()).hasToString("{\"asset\":\"x\",\"why\":\"test\"}");
      assertThat(call.caller().name()).isEqualTo("the-operator");
      assertThat(call.origin()).isEqualTo(CommandCall.Origin.NOC);
      assertThat(noc.process.metrics.count(NocMetric.COMMANDS, "done")).isEqualTo(1);
    }
  }

  @Test
  void aRefusedCommandSaysWhyAndAMissingIdStaysMissing()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "");
      console.send("{\"op\":\"command\",\"command\":\"dance\"}");
      var result = console.next();
      assertThat(result.has("id")).isFalse();
      assertThat(result.path("ok").asBoolean()).isFalse();
      assertThat(result.path("error"))
          .hasToString(
              "{\"code\":\"UNKNOWN_COMMAND\",\"message\":\"there is no command dance\","
                  + "\"details\":{}}");
      assertThat(result.path("request_id").asString()).isNotEmpty();
      assertThat(result.has("applied")).isFalse();
    }
  }

  @Test
  void aCommandThatFailsIsAnsweredWithoutItsReason() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      noc.commands =
          call -> {
            throw new IllegalStateException("the password is hunter2");
          };
      var console = greeted(noc, "");
      console.send("{\"op\":\"command\",\"id\":1,\"command\":\"reload\"}");
      var result = console.next();
      assertThat(code(result)).isEqualTo("INTERNAL");
      assertThat(result.toString()).doesNotContain("hunter2");
      noc.commands = call -> CommandResult.Done.of(false, Json.mapper().createObjectNode());
      console.send("{\"op\":\"command\",\"id\":2,\"command\":\"reload\"}");
      assertThat(console.next().path("applied").asBoolean(true)).isFalse();
    }
  }

  @Test
  void commandsOfOneConsoleRunInOrderAndTooManyAreRefused()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var go = new Semaphore(0);
      noc.commands =
          call -> {
            calls.add(call);
            go.acquire();
            return CommandResult.Done.of(true, Json.mapper().createObjectNode());
          };
      var console = greeted(noc, "");
      var other = greeted(noc, "");
      // One is being run, 64 wait, one is too many.
      for (int i = 0; i <= 65; i++) {
        console.send("{\"op\":\"command\",\"id\":" + i + ",\"command\":\"c" + i + "\"}");
      }
      var refused = console.next();
      assertThat(refused.path("type").asString()).isEqualTo("error");
      assertThat(code(refused)).isEqualTo("TOO_MANY_COMMANDS");
      assertThat(refused.path("id").asInt()).isEqualTo(65);
      assertThat(noc.process.metrics.count(NocMetric.COMMANDS, "refused")).isEqualTo(1);
      // Another console is not kept waiting, and neither are pings.
      other.send("{\"op\":\"ping\"}");
      assertThat(other.next().path("type").asString()).isEqualTo("pong");
      console.send("{\"op\":\"ping\",\"id\":\"p\"}");
      assertThat(console.next())
          .hasToString("{\"type\":\"pong\",\"id\":\"p\",\"server_time\":\"2025-06-15T15:06:40Z\"}");
      go.release(65);
      for (int i = 0; i <= 64; i++) {
        assertThat(console.next().path("id").asInt()).isEqualTo(i);
      }
      assertThat(calls).extracting(CommandCall::name).startsWith("c0", "c1", "c2").hasSize(65);
    }
  }

  @Test
  void whatAConsoleThatLeftHadStillQueuedIsNotCarriedOut()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var go = new Semaphore(0);
      noc.commands =
          call -> {
            calls.add(call);
            go.acquire();
            return CommandResult.Done.of(true, Json.mapper().createObjectNode());
          };
      var console = greeted(noc, "");
      console.send("{\"op\":\"command\",\"command\":\"first\"}");
      console.send("{\"op\":\"command\",\"command\":\"second\"}");
      Await.until("the first one runs", () -> calls.size() == 1);
      console.close();
      Await.until("it is gone", () -> noc.endpoint.connections() == 0);
      go.release(2);
      var next = greeted(noc, "");
      next.send("{\"op\":\"command\",\"command\":\"third\"}");
      next.next("CommandResult");
      assertThat(calls).extracting(CommandCall::name).containsExactly("first", "third");
    }
  }

  @Test
  void thePictureComesAgainWhenAskedFor() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "");
      noc.process.generation = 9;
      console.send("{\"op\":\"snapshot\"}");
      assertThat(console.next().path("generation").asInt()).isEqualTo(9);
      console.send("{\"op\":\"command\",\"id\":\"s\",\"command\":\"snapshot\"}");
      assertThat(console.next().path("type").asString()).isEqualTo("hello");
      assertThat(console.next().path("ok").asBoolean()).isTrue();
      console.send("{\"op\":\"command\",\"id\":\"p\",\"command\":\"ping\"}");
      assertThat(console.next().path("result").path("server_time").asString())
          .isEqualTo("2025-06-15T15:06:40Z");
    }
  }

  @Test
  void theLogIsFollowedUntilTheConsoleHasEnoughOrLeaves()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "?role=operator");
      noc.process.clock.advance(Duration.ZERO);
      noc.process.awaitRuns("interval", 1);
      console.send(
          "{\"op\":\"command\",\"id\":1,\"command\":\"log_subscribe\",\"args\":{\"level\":\"warn\","
              + "\"target\":\"hub\",\"limit_per_sec\":20}}");
      assertThat(console.next("CommandResult").path("result"))
          .hasToString("{\"level\":\"warn\",\"target\":\"hub\",\"limit_per_sec\":20}");
      var tail = noc.tails.opened.getFirst();
      assertThat(tail.asked).isEqualTo("WARN hub 20");
      tail.log("one", 0);
      tail.log("two", 5);
      noc.process.clock.advance(Duration.ofSeconds(1));
      var event = console.next("LogTail");
      assertThat(event.path("payload"))
          .hasToString("{\"records\":[{\"msg\":\"one\"},{\"msg\":\"two\"}],\"suppressed\":5}");
      assertThat(event.has("n")).isFalse();
      // Another subscription takes the place of the first.
      console.send("{\"op\":\"command\",\"command\":\"log_subscribe\"}");
      console.next("CommandResult");
      assertThat(tail.closed).isTrue();
      assertThat(noc.tails.opened.get(1).asked).isEqualTo("INFO  50");
      console.send("{\"op\":\"command\",\"command\":\"log_unsubscribe\"}");
      assertThat(console.next("CommandResult").path("applied").asBoolean()).isTrue();
      assertThat(noc.tails.opened.get(1).closed).isTrue();
      console.send("{\"op\":\"command\",\"command\":\"log_unsubscribe\"}");
      assertThat(console.next("CommandResult").path("applied").asBoolean(true)).isFalse();
      console.send("{\"op\":\"command\",\"command\":\"log_subscribe\"}");
      console.next("CommandResult");
      console.close();
      Await.until("its tail is closed", () -> noc.tails.opened.get(2).closed);
    }
  }

  @Test
  void onlyAnOperatorMayFollowTheLogAndOnlyWithinLimits()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var viewer = greeted(noc, "?role=viewer");
      viewer.send("{\"op\":\"command\",\"command\":\"log_subscribe\"}");
      assertThat(code(viewer.next())).isEqualTo("FORBIDDEN");
      var operator = greeted(noc, "?role=operator");
      for (var wrong :
          List.of("\"level\":\"loud\"", "\"limit_per_sec\":51", "\"limit_per_sec\":\"x\"")) {
        operator.send(
            "{\"op\":\"command\",\"command\":\"log_subscribe\",\"args\":{" + wrong + "}}");
        assertThat(code(operator.next())).as(wrong).isEqualTo("BAD_ARGUMENT");
      }
      assertThat(noc.tails.opened).isEmpty();
    }
  }

  @Test
  void tenMessagesOutOfTenThatMakeNoSenseEndTheConnection()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "");
      for (int i = 0; i < 10; i++) {
        console.send(i % 2 == 0 ? "{" : "{\"op\":\"dance\",\"id\":" + i + "}");
        assertThat(code(console.next())).isEqualTo(i % 2 == 0 ? "BAD_JSON" : "UNKNOWN_OP");
      }
      assertThat(console.closed()).isEqualTo("4000 ProtocolError");
      assertThat(noc.process.metrics.count(NocMetric.INVALID)).isEqualTo(10);
    }
  }

  @Test
  void nineBadMessagesInTenSecondsAreForgiven() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "");
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 9; i++) {
          console.send("nonsense");
          assertThat(code(console.next("error"))).isEqualTo("BAD_JSON");
        }
        noc.process.clock.advance(Duration.ofSeconds(11));
      }
      console.send("{\"op\":\"ping\"}");
      console.next("pong");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void binaryAndOverlongMessagesEndTheConnection(boolean binary)
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = greeted(noc, "");
      if (binary) {
        console.sendBinary();
        assertThat(console.closed()).startsWith("1003 ");
      } else {
        console.send("\"" + "x".repeat(64 << 10) + "\"");
        assertThat(console.closed()).startsWith("1009 ");
      }
    }
  }
}
