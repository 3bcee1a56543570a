package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternsTest {
  private HubFixture fixture = new HubFixture(1);

  private void with(int loops, String... keys) {
    fixture = new HubFixture(loops, keys);
  }

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({
    "*, '', true",
    "*, a:b, true",
    "user:*, user:1:events, true",
    "user:*, user:, true",
    "user:*, users, false",
    "*:events, user:1:events, true",
    "a*b*c, a-c-b-c, true",
    "a*b*c, a-c-b, false",
    "?, a, true",
    "?, ab, false",
    "?, ä, false",
    "??, ä, true",
    "a?c, abc, true",
    "**a**, bab, true",
    "*?, '', false",
    "abc, abc, true",
    "abc, abcd, false"
  })
  void starsTakeAnyRunAndQuestionMarksOneByte(String pattern, String name, boolean matches) {
    assertThat(TopicPattern.of(pattern).matches(name)).isEqualTo(matches);
  }

  /// Fills a table of which beginnings of the pattern fit which beginnings of the name.
  private static boolean slowly(byte[] pattern, byte[] name) {
    var fits = new boolean[pattern.length + 1][name.length + 1];
    fits[0][0] = true;
    for (int p = 1; p <= pattern.length; p++) {
      byte b = pattern[p - 1];
      for (int n = 0; n <= name.length; n++) {
        boolean one = n > 0 && (b == '?' || b == name[n - 1]) && fits[p - 1][n - 1];
        boolean any = b == '*' && (fits[p - 1][n] || (n > 0 && fits[p][n - 1]));
        fits[p][n] = b == '*' ? any : one;
      }
    }
    return fits[pattern.length][name.length];
  }

  @Test
  void theMatcherAgreesWithTryingEverything() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      boolean isLong = i % 50 == 0;
      var pattern = text(random, isLong ? "aaaab*?" : "aab:*?ä", isLong ? 150 : 8);
      var name = text(random, isLong ? "aaaaaaab" : "aab:ä", isLong ? 200 : 10);
      assertThat(TopicPattern.of(pattern).matches(name))
          .as("seed %d: %s on %s", seed, pattern, name)
          .isEqualTo(
              slowly(
                  pattern.getBytes(StandardCharsets.UTF_8), name.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static String text(Random random, String letters, int most) {
    var text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  @FuzzTest
  void anyPatternMatchesAnyNameOrNot(byte[] data) {
    int middle = data.length / 2;
    var pattern = new String(data, 0, middle, StandardCharsets.UTF_8);
    var name = new String(data, middle, data.length - middle, StandardCharsets.UTF_8);
    boolean matches = TopicPattern.of(pattern).matches(name);
    if (!TopicPattern.isPattern(pattern)) {
      assertThat(matches).isEqualTo(pattern.equals(name));
    }
    assertThat(TopicPattern.of("*" + pattern + "*").matches(name) || !matches).isTrue();
  }

  @Test
  void aLongNameIsMatchedInNoTimeWhateverThePattern() {
    var pattern = TopicPattern.of("*a".repeat(100) + "b");
    var name = "a".repeat(4_000);
    for (int i = 0; i < 100; i++) {
      assertThat(pattern.matches(name)).isFalse();
    }
  }

  @Test
  void aPatternGetsTopicsThatAreThereAndTopicsThatComeFromTheirFirstMessageOn() {
    fixture.publish("user:1", "before");
    var client = fixture.client().subscribe("user:*");
    assertThat(client.answers).containsExactly(new SubscribeOutcome.Subscribed("user:*"));
    assertThat(client.transport.session().topics()).containsExactly("user:*");
    fixture.publish("user:1", "one");
    fixture.publish("user:2:events", "two");
    fixture.publish("news", "elsewhere");
    assertThat(client.received).containsExactly("one", "two");
    assertThat(fixture.hub.objectionToName("user:*")).contains("stand for patterns");
  }

  @Test
  void howeverManyNamesAndPatternsMatchItIsOneDelivery() {
    var client = fixture.client().subscribe("user:*", "*", "user:1", "us?r:1");
    fixture.publish("user:1", "once");
    assertThat(client.takeReceived()).containsExactly("once");
    assertThat(client.unsubscribe("*")).isTrue();
    assertThat(client.unsubscribe("user:1")).isTrue();
    assertThat(client.unsubscribe("user:1")).as("asked for by patterns only").isFalse();
    fixture.publish("user:1", "still");
    fixture.publish("news", "not any more");
    assertThat(client.takeReceived()).containsExactly("still");
    client.unsubscribe("user:*");
    fixture.publish("user:1", "and still");
    assertThat(client.takeReceived()).containsExactly("and still");
    client.unsubscribe("us?r:1");
    fixture.publish("user:1", "no more");
    assertThat(client.received).isEmpty();
    assertThat(fixture.hub.stats().subscriptions()).isZero();
  }

  @Test
  void aNameOutlivesThePatternAndTheOtherWayRound() {
    var client = fixture.client().subscribe("user:1").subscribe("user:*");
    fixture.publish("user:1", "a");
    client.unsubscribe("user:*");
    fixture.publish("user:1", "b");
    assertThat(client.takeReceived()).containsExactly("a", "b");
  }

  @Test
  void theWidestWishForATopicDecides() {
    FrameFilter digits = frame -> Character.isDigit(HubFixture.text(frame).charAt(0));
    FrameFilter letters = frame -> Character.isLetter(HubFixture.text(frame).charAt(0));
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(digits));
    client.subscribe(Wanted.all("?").filteredBy(letters));
    fixture.publish("n", "1", "a", "-");
    assertThat(client.takeReceived()).as("either filter").containsExactly("1", "a");
    client.subscribe("*");
    fixture.publish("n", "2", "b", "-");
    assertThat(client.takeReceived()).as("no filter").containsExactly("2", "b", "-");
    client.unsubscribe("*");
    client.unsubscribe("?");
    fixture.publish("n", "3", "c", "-");
    assertThat(client.received).as("the first again").containsExactly("3");
  }

  @Test
  void patternsCountAgainstTheLimitsAndMatchesDoNot() {
    with(1, "max_subscriptions=2", "delivery.max_patterns=2");
    var client = fixture.client().subscribe("a*", "b*", "c");
    assertThat(client.answers)
        .contains(new SubscribeOutcome.Refused("c", "at most 2 topics per connection"));
    var other = fixture.client().subscribe("c*", "a*");
    assertThat(other.answers)
        .containsExactly(
            new SubscribeOutcome.Refused("c*", "the server has 2 patterns already"),
            new SubscribeOutcome.Subscribed("a*"));
    for (int i = 0; i < 10; i++) {
      fixture.publish("a" + i, "x");
    }
    assertThat(client.received).hasSize(10);
    assertThat(other.received).hasSize(10);
  }

  @Test
  void matchesBeyondTheLimitAreCounted() {
    with(1, "delivery.max_matches=3");
    var client = fixture.client().subscribe("*");
    for (int i = 0; i < 5; i++) {
      fixture.publish("t" + i, "x");
    }
    assertThat(client.received).hasSize(3);
    assertThat(fixture.metrics.count(HubMetric.UNMATCHED)).isEqualTo(2);
    client.unsubscribe("*");
    client.subscribe("*");
    assertThat(fixture.hub.stats().subscriptions()).isEqualTo(3);
  }

  @Test
  void topicsThatOnlyPatternsWantMakeRoomForOthersAndComeBackComplete() {
    with(1, "max_topics=10");
    var client = fixture.client().subscribe("*");
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 10; i++) {
        fixture.publish("round" + round + "." + i, "x" + round);
      }
      fixture.clock.advance(Duration.ofSeconds(61));
      var asking = Message.of("t", new byte[] {'1'}, false, 0);
      fixture.hub.publish("refused, but makes room", java.util.List.of(asking));
      fixture.loops.run();
    }
    assertThat(client.received).hasSize(50);
    fixture.publish("round0.0", "back");
    assertThat(client.received).endsWith("back");
    assertThat(fixture.hub.stats().topics()).isLessThanOrEqualTo(10);
  }

  @Test
  void aPatternHearsOfTopicsOfOtherLoopsOnceTheyAreThere() {
    with(3);
    var client = fixture.client(0).subscribe("topic*");
    for (int loop = 0; loop < 3; loop++) {
      fixture.publish(fixture.topicOn(loop), "first");
      fixture.publish(fixture.topicOn(loop), "second");
    }
    assertThat(client.received).contains("first").filteredOn("second"::equals).hasSize(3);
  }

  @Test
  void aSubscriptionUnderWayTakesAName() {
    with(2);
    var topic = fixture.topicOn(1);
    fixture.publish(topic, "before");
    var client = fixture.client(0);
    client.loop.in(
        () -> {
          var session = client.transport.session();
          session.subscribe(java.util.List.of("*"), client.answers::addAll);
          session.subscribe(java.util.List.of(topic), client.answers::addAll);
          session.unsubscribe("*");
        });
    fixture.loops.run();
    fixture.publish(topic, "after");
    assertThat(client.received).containsExactly("after");
    assertThat(client.answers).contains(new SubscribeOutcome.Subscribed(topic));
  }

  @Test
  void aPatternWithdrawnBeforeItsAnswerFindsNothing() {
    with(2);
    var client = fixture.client(0);
    client.loop.in(
        () -> {
          var session = client.transport.session();
          session.subscribe(java.util.List.of("*", fixture.topicOn(1)), client.answers::addAll);
          session.unsubscribe("*");
        });
    fixture.loops.run();
    fixture.publish("other", "x");
    assertThat(client.received).isEmpty();
    assertThat(client.answers).hasSize(2);
  }

  @Test
  void aPatternAmongVeryManyTopicsIsLookedUpInSeveralTasksAndThenAnswered() {
    for (int i = 0; i < 3 * PatternSearch.AT_ONCE; i++) {
      fixture.publish("t" + i, Priority.NORMAL, "before");
    }
    fixture.loops.run();
    var client = fixture.client();
    var wanted = List.of(Wanted.all("t*7"));
    client.loop.in(() -> client.transport.session().subscribeTo(wanted, client.answers::addAll));
    assertThat(client.answers).isEmpty();
    fixture.publish("t-7", Priority.NORMAL, "meanwhile");
    fixture.loops.run();
    assertThat(client.answers).containsExactly(new SubscribeOutcome.Subscribed("t*7"));
    client.takeReceived();
    fixture.publish("t7", "one");
    fixture.publish("t12007", "two");
    fixture.publish("t-7", "three");
    fixture.publish("t8", "four");
    assertThat(client.received).containsExactly("one", "two", "three");
  }

  @Test
  void whoLeavesBeforeItsPatternsAreFoundIsNotAnswered() {
    for (int i = 0; i < 2 * PatternSearch.AT_ONCE; i++) {
      fixture.publish("t" + i, Priority.NORMAL, "before");
    }
    fixture.loops.run();
    var leaving = fixture.client();
    var staying = fixture.client();
    for (var client : List.of(leaving, staying)) {
      client.loop.in(
          () ->
              client
                  .transport
                  .session()
                  .subscribeTo(List.of(Wanted.all("t1*")), client.answers::addAll));
    }
    leaving.loop.in(() -> leaving.transport.session().unsubscribe("t1*"));
    fixture.loops.run();
    assertThat(leaving.answers).hasSize(1).allMatch(SubscribeOutcome.Refused.class::isInstance);
    assertThat(staying.answers).containsExactly(new SubscribeOutcome.Subscribed("t1*"));
  }

  @Test
  void aSessionThatClosesInTheMiddleOfARequestLeavesNothingOfItsPatternsBehind() {
    with(2);
    var staying = fixture.client(0).subscribe(Wanted.all("x*"));
    fixture.publish("x1", "here");
    var leaving = fixture.client(0);
    var wanted = List.of(Wanted.all("x*"), Wanted.all(fixture.topicOn(1)));
    leaving.loop.in(() -> leaving.transport.session().subscribeTo(wanted, outcomes -> {}));
    leaving.loop.in(leaving.transport::gone);
    fixture.loops.run();
    assertThat(fixture.hub.topic("x1").orElseThrow().subscribers()).isEqualTo(1);
    assertThat(staying.received).containsExactly("here");
  }
}
