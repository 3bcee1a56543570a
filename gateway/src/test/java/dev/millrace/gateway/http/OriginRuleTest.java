package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.net.http.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginRuleTest {
  private static final OriginRule UNSET = new OriginRule(List.of());

  private static RequestHead head(String local, @Nullable String host, @Nullable String origin) {
    var headers = new LinkedHashMap<String, String>();
    if (host != null) {
      headers.put("host", host);
    }
    if (origin != null) {
      headers.put("origin", origin);
    }
    try {
      var address = new InetSocketAddress(InetAddress.getByName(local), 8080);
      return new RequestHead("POST", "/", "/", Map.of(), headers, "127.0.0.1", address, false);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, localhost:8080, true",
    "127.0.0.1, LOCALHOST, true",
    "127.0.0.1, app.localhost:8080, true",
    "127.0.0.1, 127.0.0.1:8080, true",
    "127.0.0.1, 127.8.8.8, true",
    "127.0.0.1, '[::1]:8080', true",
    "::1, '[::1]:8080', true",
    "127.0.0.1, evil.example:8080, false",
    "127.0.0.1, localhost.evil.example, false",
    "127.0.0.1, 192.168.1.7, false",
    "127.0.0.1, '[fe80::1', false",
    "192.168.1.7, anything.example, true",
  })
  void onLoopbackTheHostMustBeThisMachine(String local, String host, boolean fine) {
    assertThat(UNSET.objectionToRequest(head(local, host, null)) == null).isEqualTo(fine);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, http://localhost:8080, true",
    "localhost:80, http://localhost, true",
    "localhost, http://localhost, true",
    "localhost:8080, http://localhost:9090, false",
    "localhost:8080, https://localhost:8080, false",
    "localhost:8080, http://evil.example, false",
    "localhost:8080, null, false",
    "localhost:8080, '', false",
  })
  void withoutAListOnlyTheSameOriginIsLetIn(String host, String origin, boolean fine) {
    assertThat(UNSET.objectionToHandshake(head("127.0.0.1", host, origin)) == null).isEqualTo(fine);
  }

  @Test
  void aListLetsItsOriginsAndTheirHostNamesIn() {
    var rule = new OriginRule(List.of("https://Console.example", "not an origin"));
    assertThat(rule.objectionToHandshake(head("127.0.0.1", "localhost", "https://console.example")))
        .isNull();
    assertThat(
            rule.objectionToHandshake(
                head("127.0.0.1", "console.example", "https://console.example")))
        .isNull();
    assertThat(rule.objectionToHandshake(head("127.0.0.1", "localhost", "https://other.example")))
        .isNotNull();
    var all = new OriginRule(List.of("*"));
    assertThat(all.objectionToHandshake(head("127.0.0.1", "localhost", "https://other.example")))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
  void listeningOnLoopbackIsFine(String host) {
    assertThatCode(() -> BindRule.check(host, Location.of("test"))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "::", "no such host"})
  void listeningElsewhereIsRefusedWithTheFix(String host) {
    assertThatThrownBy(() -> BindRule.check(host, Location.of("millrace.yaml").at(3, 5)))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("millrace.yaml:3:5")
        .hasMessageContaining("Set server.host to 127.0.0.1");
  }
}
