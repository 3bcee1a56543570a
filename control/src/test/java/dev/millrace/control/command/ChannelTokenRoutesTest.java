package dev.millrace.control.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.audit.AuditSpec;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import dev.millrace.hub.ChannelTokenSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class ChannelTokenRoutesTest {
  private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  private static final int MOST_SECONDS = 600;

  private final FakeClock clock = new FakeClock();
  private final Optional<ChannelTokens> tokens =
      ChannelTokens.of(
          new ChannelTokenSpec(KEY, List.of(), Duration.ofSeconds(MOST_SECONDS)),
          clock,
          new SecureRandom());

  // Never started: what is recorded stays in memory, and nobody waits for a disk.
  private final AuditTrail audit =
      new AuditTrail(
          Path.of("target/tmp"),
          AuditSpec.DEFAULT.withWaitingEntries(1),
          () -> 1,
          clock,
          new Metrics());

  ChannelTokenRoutesTest() {
    audit.close(); // from now on nobody waits
  }

  private Response post(Optional<ChannelTokens> known, String body) throws Exception {
    var routes = new ChannelTokenRoutes(() -> known, audit, text -> text.replace("hidden", "***"));
    var route = routes.routes().getFirst();
    assertThat(route.access()).isEqualTo(Route.Access.OPERATOR);
    return route
        .handler()
        .handle(
            new Request(
                "r-1",
                "POST",
                route.path(),
                Map.of(),
                Map.of(),
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8),
                "192.0.2.7",
                new Principal("ops", Principal.Kind.TOKEN, Role.OPERATOR)));
  }

  private static JsonNode json(Response response) {
    return Json.tree(response.body());
  }

  @Test
  void aTokenIsMadeForAUserATopicAndAWhile() throws Exception {
    var made = post(tokens, "{\"topic\":\"orders.*\",\"user\":\"ann\",\"seconds\":60}");
    assertThat(made.status()).isEqualTo(200);
    var grant = tokens.orElseThrow().read(json(made).path("token").asString()).orElseThrow();
    assertThat(grant.user()).isEqualTo("ann");
    assertThat(grant.topic()).isEqualTo("orders.*");
    assertThat(grant.expiresMillis() - clock.epochMillis()).isBetween(59_000L, 60_000L);
    assertThat(json(made).path("expires_at").asString())
        .isEqualTo(Instant.ofEpochMilli(grant.expiresMillis()).toString());
    var longest = post(tokens, "{\"topic\":\"orders.*\",\"user\":\"ann\"}");
    var whole = tokens.orElseThrow().read(json(longest).path("token").asString()).orElseThrow();
    assertThat(whole.expiresMillis() - clock.epochMillis()).isBetween(599_000L, 600_000L);
  }

  @Test
  void theTrailSaysWhoMadeItForWhomAndHasNoToken() throws Exception {
    var made = post(tokens, "{\"topic\":\"orders\",\"user\":\"hidden\",\"seconds\":60}");
    var entry = audit.newest(1).getFirst();
    assertThat(entry.path("command").asString()).isEqualTo("channel_token");
    assertThat(entry.path("target").asString()).isEqualTo("orders");
    assertThat(entry.path("actor").asString()).isEqualTo("ops");
    assertThat(entry.path("address").asString()).isEqualTo("192.0.2.7");
    assertThat(entry.at("/outcome/user").asString()).isEqualTo("***");
    assertThat(entry.toString()).doesNotContain(json(made).path("token").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                              | topic",
        "{\"topic\":7,\"user\":\"a\"}                    | topic",
        "{\"topic\":\" \",\"user\":\"a\"}                | topic",
        "{\"topic\":\"t\"}                               | user",
        "{\"topic\":\"t\",\"user\":\"\"}                 | user",
        "{\"topic\":\"t\",\"user\":\"a\",\"seconds\":0}  | seconds",
        "{\"topic\":\"t\",\"user\":\"a\",\"seconds\":601} | seconds",
        "{\"topic\":\"t\",\"user\":\"a\",\"seconds\":1.5} | seconds",
        "{\"topic\":\"t\",\"user\":\"a\",\"seconds\":\"9\"} | seconds"
      })
  void whatIsWrongIsRefusedWithTheFieldAndIsOnRecord(String body, String field) throws Exception {
    var refused = post(tokens, body);
    assertThat(refused.status()).isEqualTo(422);
    assertThat(json(refused).at("/error/details/field").asString()).isEqualTo(field);
    assertThat(audit.newest(1).getFirst().path("ok").asBoolean(true)).isFalse();
  }

  @Test
  void whatIsNoObjectIsRefused() throws Exception {
    for (var body : List.of("", "[]", "7", "{", "nonsense")) {
      assertThat(post(tokens, body).status()).as(body).isEqualTo(400);
    }
  }

  @Test
  void withoutAKeyThereIsNothingToMake() throws Exception {
    assertThat(post(Optional.empty(), "{\"topic\":\"t\",\"user\":\"a\"}").status()).isEqualTo(404);
  }
}
