package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignatureThreadTest {
  private static final String ELSEWHERE = "192.0.2.1";

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final SignatureThread thread = new SignatureThread();
  private final AccessControl access =
      new AccessControl(new dev.millrace.gateway.event.Rejects(clock), clock, metrics, thread);
  private final CountDownLatch free = new CountDownLatch(1);
  private final ECKey key;
  @TempDir private Path folder;

  SignatureThreadTest() throws JOSEException {
    key = new ECKeyGenerator(Curve.P_256).keyID("a").generate();
  }

  @BeforeEach
  void trustTheKey() throws Exception {
    Files.writeString(folder.resolve("set"), new JWKSet(key.toPublicJWK()).toString());
    access.apply(
        TestTokens.policy(
            folder,
            AccessRules.TOKENS,
            "auth.jwt.jwks_file=set",
            "auth.jwt.secret=" + SECRET,
            "auth.failures_per_address={\"capacity\": 3, \"refill_rate\": 1}"));
  }

  @AfterEach
  void stop() {
    free.countDown();
    access.close();
  }

  private String token(String subject) throws JOSEException {
    return TestTokens.signed(
        new JWSHeader(JWSAlgorithm.ES256),
        "{\"sub\":\"" + subject + "\",\"role\":\"viewer\",\"exp\":" + (NOW + 3_600) + "}",
        new ECDSASigner(key));
  }

  private CompletableFuture<Admission> knock(String remote, String token) {
    var head = Callers.caller(remote, ELSEWHERE, new String[] {"authorization: Bearer " + token});
    return access.decide(head, Surface.API, Route.Access.VIEWER);
  }

  private static String outcome(CompletableFuture<Admission> decision) throws Exception {
    return Callers.describe(decision.get(10, TimeUnit.SECONDS));
  }

  /// Keeps the thread busy until `free`.
  private void occupy() {
    thread.execute(
        () -> {
          try {
            assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Test
  void aSignatureOfAKeyPairIsCheckedOffTheCallersThreadAndOnlyOnce() throws Exception {
    occupy();
    var token = token("ann");
    var decision = knock("198.51.100.1", token);
    assertThat(decision).isNotDone();
    assertThat(knock("198.51.100.1", AccessRules.OPS)).as("a fixed token").isDone();
    assertThat(access.objection(Callers.caller(ELSEWHERE), Surface.API, Route.Access.VIEWER))
        .as("no token")
        .isNotNull();
    free.countDown();
    assertThat(outcome(decision)).isEqualTo("admitted ann JWT VIEWER");
    assertThat(knock("198.51.100.1", token)).as("known").isDone();
    assertThat(metrics.count(AuthMetric.VERIFIED)).isEqualTo(1);
  }

  @Test
  void withSharedSecretsAloneEverythingIsKnownAtOnce() throws Exception {
    access.apply(TestTokens.policy("auth.jwt.secret=" + SECRET));
    var decision = knock("198.51.100.1", TestTokens.good("ann", "viewer"));
    assertThat(decision).isDone();
    assertThat(outcome(decision)).isEqualTo("admitted ann JWT VIEWER");
  }

  @Test
  void whoComesWhenTooManyWaitIsToldToComeBack() throws Exception {
    occupy();
    for (int i = 0; i < SignatureThread.MOST_WAITING; i++) {
      thread.execute(() -> {});
    }
    var refused = knock("198.51.100.1", token("ann"));
    assertThat(refused).isDone();
    assertThat(outcome(refused)).startsWith("503 BUSY ");
    assertThat(refused.join())
        .isInstanceOfSatisfying(
            Admission.Rejected.class,
            rejected -> {
              assertThat(rejected.asResponse().headers()).containsEntry("Retry-After", "1");
              assertThat(rejected.closeCode()).isEqualTo(1013);
            });
    assertThat(metrics.count(AuthMetric.REJECTED, "busy")).isEqualTo(1);
    free.countDown();
    assertThat(outcome(knock("198.51.100.1", AccessRules.OPS))).startsWith("admitted");
  }

  @Test
  void anAddressThatFailsIsNotComputedForHoweverManyOfItsTokensWait() throws Exception {
    occupy();
    var decisions = new ArrayList<CompletableFuture<Admission>>();
    for (int i = 0; i < 100; i++) {
      var forged = token("ann" + i);
      decisions.add(
          knock("198.51.100.1", forged.substring(0, forged.length() - 40) + "A".repeat(40)));
    }
    var honest = knock("198.51.100.2", token("bob"));
    free.countDown();
    assertThat(outcome(honest)).startsWith("admitted bob");
    assertThat(metrics.count(AuthMetric.VERIFIED)).as("three of a hundred, and bob's").isEqualTo(4);
    assertThat(outcome(decisions.getFirst())).startsWith("401 AUTH_FAILED");
    assertThat(outcome(decisions.getLast())).startsWith("429 RATE_LIMITED");
  }

  @Test
  void aPolicyThatSaysTheSameForgetsNothing() throws Exception {
    var token = token("ann");
    assertThat(outcome(knock("198.51.100.1", token))).startsWith("admitted");
    long generation = access.generation();
    trustTheKey();
    assertThat(access.generation()).isEqualTo(generation);
    assertThat(knock("198.51.100.1", token)).isDone();
    assertThat(metrics.count(AuthMetric.VERIFIED)).isEqualTo(1);
  }

  @Test
  void afterClosingEverybodyIsToldToComeBack() throws Exception {
    access.close();
    assertThat(outcome(knock("198.51.100.1", token("ann")))).startsWith("503 BUSY");
  }
}
