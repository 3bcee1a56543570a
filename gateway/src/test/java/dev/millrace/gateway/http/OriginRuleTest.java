package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

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

class OriginRuleTest {
  private static final OriginRule UNSET = new OriginRule(List.of());

  private static RequestHead head(String local, @Nullable String host, @Nullable String origin) {
    return head(local, host, origin, false);
  }

  private static RequestHead head(
      String local, @Nullable String host, @Nullable String origin, boolean secure) {
    var headers = new LinkedHashMap<String, String>();
    if (host != null) {
      headers.put("host", host);
    }
    if (origin != null) {
      headers.put("origin", origin);
    }
    try {
      var address = new InetSocketAddress(InetAddress.getByName(local), 8080);
      return new RequestHead("POST", "/", "/", Map.of(), headers, "127.0.0.1", address, secure);
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
    assertThat(UNSET.objectionToHost(head(local, host, null)) == null).isEqualTo(fine);
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

  @ParameterizedTest
  @CsvSource({
    "localhost:8443, https://localhost:8443, true",
    "localhost:443, https://localhost, true",
    "localhost, https://localhost, true",
    "localhost:8443, http://localhost:8443, false",
    "localhost:80, https://localhost, false",
  })
  void overTlsTheSameOriginIsSecureToo(String host, String origin, boolean fine) {
    assertThat(UNSET.objectionToHandshake(head("127.0.0.1", host, origin, true)) == null)
        .isEqualTo(fine);
  }

  @Test
  void answersLetListedOriginsReadWithCredentialsAndAnyOriginWithout() {
    var other = head("127.0.0.1", "localhost", "https://other.example");
    assertThat(UNSET.headersFor(other)).isEmpty();
    var listed = new OriginRule(List.of("*", "https://Console.example"));
    assertThat(listed.headersFor(head("127.0.0.1", "localhost", "https://console.example")))
        .containsEntry("Access-Control-Allow-Origin", "https://console.example")
        .containsEntry("Access-Control-Allow-Credentials", "true")
        .containsEntry("Vary", "Origin");
    assertThat(listed.headersFor(other))
        .containsEntry("Access-Control-Allow-Origin", "*")
        .doesNotContainKey("Access-Control-Allow-Credentials");
    assertThat(new OriginRule(List.of("https://console.example")).headersFor(other))
        .containsOnlyKeys("Vary");
  }

  @Test
  void aListLetsItsOriginsAndTheirHostNamesIn() {
    var rule = new OriginRule(List.of("https://Console.example", "not an origin"));
    assertThat(rule.objectionToHandshake(head("127.0.0.1", "localhost", "https://console.example")))
        .isNull();
    assertThat(rule.objectionToHost(head("127.0.0.1", "console.example", null))).isNull();
    assertThat(rule.objectionToHandshake(head("127.0.0.1", "localhost", "https://other.example")))
        .isNotNull();
    var odd = new OriginRule(List.of("http://[2001:db8::7]:3000", "http://my_host:8080"));
    assertThat(odd.objectionToHost(head("127.0.0.1", "[2001:DB8::7]:3000", null))).isNull();
    assertThat(odd.objectionToHost(head("127.0.0.1", "my_host:8080", null))).isNull();
    assertThat(odd.objectionToHost(head("127.0.0.1", "[2001:db8::8]:3000", null))).isNotNull();
    var all = new OriginRule(List.of("*"));
    assertThat(all.objectionToHandshake(head("127.0.0.1", "localhost", "https://other.example")))
        .isNull();
  }
}
