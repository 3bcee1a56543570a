package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.gateway.auth.AuthPolicy;
import dev.millrace.gateway.auth.TestTokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BindRuleTest {
  private static final Location WHERE = Location.of("millrace.yaml").at(3, 5);
  private static final String TOKEN =
      "auth.tokens=[{\"name\":\"ops\",\"token\":\"0123456789abcdef\",\"role\":\"admin\"}]";

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
  void listeningOnLoopbackIsFine(String host) throws ProblemException {
    BindRule.check(host, AuthPolicy.NONE, WHERE);
    BindRule.check(host, TestTokens.policy(TOKEN, "auth.anonymous=noc,admin"), WHERE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "::"})
  void listeningElsewhereNeedsAuthenticationAndTheRefusalSaysHow(String host)
      throws ProblemException {
    assertThatThrownBy(() -> BindRule.check(host, AuthPolicy.NONE, WHERE))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("millrace.yaml:3:5")
        .hasMessageContaining("openssl rand -hex 32 > ops.token")
        .hasMessageContaining("auth.tokens: [{name: ops, token_file: ops.token, role: admin}]");
    BindRule.check(host, TestTokens.policy(TOKEN, "auth.anonymous=mirror,api"), WHERE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"noc", "admin"})
  void whatOperatorsUseIsNeverOpenInPublic(String surface) {
    var policy = TestTokens.policy(TOKEN, "auth.anonymous=" + surface);
    assertThatThrownBy(() -> BindRule.check("0.0.0.0", policy, WHERE))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("Take " + surface + " out of auth.anonymous");
  }

  @Test
  void aNameThatNobodyKnowsIsNoAddress() {
    assertThatThrownBy(() -> BindRule.check("no such host", AuthPolicy.NONE, WHERE))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused -> assertThat(refused.problem().code()).isEqualTo("E_BAD_ADDRESS"));
  }
}
