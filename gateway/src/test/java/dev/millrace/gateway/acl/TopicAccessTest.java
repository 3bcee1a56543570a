package dev.millrace.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.hub.AclSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicAccessTest {
  private static final Caller ANN = new Caller("ann", Role.VIEWER);
  private static final Caller OPS = new Caller("ops", Role.OPERATOR);
  private static final Caller NOBODY = new Caller("", null);

  private static AclRules rules(List<String> allow, List<String> deny) {
    return AclRules.of(new AclSpec(allow, deny));
  }

  private static TopicAccess access(List<String> allow, List<String> deny) {
    return new TopicAccess(rules(allow, deny), Authorizer.NOBODY);
  }

  private static boolean may(TopicAccess access, Caller caller, Action action, String topic) {
    return Boolean.TRUE.equals(access.known(caller, action, topic));
  }

  @Test
  void withoutRulesEverythingIsAllowed() {
    assertThat(may(TopicAccess.open(), NOBODY, Action.PUBLISH, "any")).isTrue();
  }

  @Test
  void whatIsDeniedIsDeniedWhateverAllowsIt() {
    var access = access(List.of("a*"), List.of("ab*"));
    assertThat(may(access, ANN, Action.SUBSCRIBE, "ac")).isTrue();
    assertThat(may(access, ANN, Action.SUBSCRIBE, "abc")).isFalse();
    assertThat(may(access, ANN, Action.SUBSCRIBE, "b")).isFalse();
  }

  @Test
  void aRuleMayMeanOneActionAndOneRoleOnwards() {
    var access =
        access(
            List.of("subscribe news.*", "publish news.* as operator"),
            List.of("*.raw below admin"));
    assertThat(may(access, ANN, Action.SUBSCRIBE, "news.x")).isTrue();
    assertThat(may(access, ANN, Action.PUBLISH, "news.x")).isFalse();
    assertThat(may(access, OPS, Action.PUBLISH, "news.x")).isTrue();
    assertThat(may(access, OPS, Action.SUBSCRIBE, "news.raw")).isFalse();
    assertThat(may(access, NOBODY, Action.SUBSCRIBE, "news.raw")).isFalse();
    assertThat(may(access, new Caller("root", Role.ADMIN), Action.SUBSCRIBE, "news.raw")).isTrue();
  }

  @Test
  void theUsersOwnTopicsAreNobodyElses() {
    var access = access(List.of("user:{user}:*"), List.of());
    assertThat(may(access, ANN, Action.SUBSCRIBE, "user:ann:orders")).isTrue();
    assertThat(may(access, ANN, Action.SUBSCRIBE, "user:annabel:orders")).isFalse();
    assertThat(may(access, OPS, Action.SUBSCRIBE, "user:ann:orders")).isFalse();
    assertThat(may(access, NOBODY, Action.SUBSCRIBE, "user::orders")).isFalse();
    var starred = new Caller("*", Role.VIEWER);
    assertThat(may(access, starred, Action.SUBSCRIBE, "user:ann:orders")).isFalse();
    assertThat(may(access, starred, Action.SUBSCRIBE, "user:*:orders")).isTrue();
    assertThat(access.deliverable(ANN).test("user:ann:x")).isTrue();
    assertThat(access.deliverable(OPS).test("user:ann:x")).isFalse();
  }

  @Test
  void somebodyWithoutCredentialsHasNoName() {
    assertThat(Caller.of(Principal.local("127.0.0.1")).user()).isEmpty();
    assertThat(Caller.of(new Principal("ann", Principal.Kind.JWT, null)))
        .isEqualTo(new Caller("ann", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "as viewer", "a as", "a as king", "a like viewer", "a b c"})
  void whatIsNoRuleIsAProblem(String text) {
    assertThatThrownBy(() -> new AclSpec(List.of("ok"), List.of("a", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\" is no rule; write ");
  }

  @Test
  void globsMatchWhatTheSameRegularExpressionMatches() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      var glob = text(random, "ab*?", 8);
      var topic = text(random, "ab", 10);
      var expected = Pattern.matches(glob.replace("*", "[ab]*").replace("?", "[ab]"), topic);
      assertThat(new Glob(glob).matches(topic, ""))
          .as("seed %d: %s on %s", seed, glob, topic)
          .isEqualTo(expected);
    }
  }

  @Test
  void noRuleAndNoNameMakesMatchingSlow() {
    var glob = new Glob("*a".repeat(120) + "b");
    long start = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      assertThat(glob.matches("a".repeat(256), "")).isFalse();
    }
    assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
  }

  /// Lets callers have what the test says, when it says so.
  private static final class Slow implements Authorizer {
    private final List<List<String>> asked = new ArrayList<>();
    private CompletableFuture<Set<String>> answer = new CompletableFuture<>();

    @Override
    public @Nullable Boolean remembered(Caller caller, Action action, String topic) {
      return topic.equals("known") ? Boolean.TRUE : topic.equals("no") ? Boolean.FALSE : null;
    }

    @Override
    public CompletableFuture<Set<String>> ask(Caller caller, Action action, List<String> topics) {
      asked.add(topics);
      return answer;
    }
  }

  @Test
  void onlyWhatTheRulesLeaveAndNobodyRemembersIsAsked() {
    var slow = new Slow();
    var access = new TopicAccess(rules(List.of(), List.of("denied")), slow);
    var decisions = new ArrayList<TopicAccess.Decision>();
    var later = new ArrayList<Runnable>();
    access.decide(ANN, Action.SUBSCRIBE, List.of("known", "denied"), later::add, decisions::add);
    assertThat(decisions)
        .singleElement()
        .satisfies(
            now -> {
              assertThat(now.granted()).containsExactly("known");
              assertThat(now.refused()).containsOnlyKeys("denied");
            });
    var topics = List.of("x", "no", "known", "denied", "y");
    access.decide(ANN, Action.SUBSCRIBE, topics, later::add, decisions::add);
    assertThat(slow.asked).containsExactly(List.of("x", "y"));
    assertThat(decisions).hasSize(1);
    slow.answer.complete(Set.of("y", "denied"));
    assertThat(decisions).hasSize(1); // not on that thread
    later.forEach(Runnable::run);
    assertThat(decisions.getLast().granted()).containsExactly("known", "y");
    assertThat(decisions.getLast().refused()).containsOnlyKeys("x", "no", "denied");
  }

  @Test
  void aGateRemembersUntilTheRulesChange() {
    var access = access(List.of(), List.of());
    var gate = new PublishGate(access, ANN);
    assertThat(gate.known("a")).isTrue();
    assertThat(gate.known("a")).isTrue();
    access.apply(rules(List.of(), List.of("a")));
    assertThat(gate.known("a")).isFalse();
    assertThat(gate.known("b")).isTrue();
    assertThat(new PublishGate(new TopicAccess(AclRules.NONE, new Slow()), ANN).known("x"))
        .isNull();
    assertThat(gate.caller()).isEqualTo(ANN);
  }

  private static String text(Random random, String letters, int most) {
    var text = new StringBuilder();
    for (int n = random.nextInt(most + 1); n > 0; n--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
