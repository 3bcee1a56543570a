package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarTest {
  private final List<String> heard = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Ear ear =
      new Ear(
          new Link.Receiver() {
            @Override
            public void received(String channel, byte[] payload) {
              heard.add(channel + '=' + new String(payload, StandardCharsets.UTF_8));
            }

            @Override
            public void subscribed(String channel) {
              heard.add('+' + channel);
            }

            @Override
            public void subscribedPattern(String channels) {
              told.add(channels);
            }

            @Override
            public void ended() {}
          });

  @Test
  void aMessageCountsOnceHoweverManyPatternsMatchIt() {
    ear.psubscribed(utf8("wse:a*"), 1);
    ear.psubscribed(utf8("wse:*b"), 2);
    ear.message(utf8("wse:a*"), utf8("wse:ab"), utf8("1"));
    ear.message(utf8("wse:*b"), utf8("wse:ab"), utf8("1"));
    ear.message(utf8("wse:*b"), utf8("wse:cb"), utf8("2"));
    ear.punsubscribed(utf8("wse:a*"), 1);
    ear.message(utf8("wse:*b"), utf8("wse:ab"), utf8("3"));
    assertThat(heard).containsExactly("wse:ab=1", "wse:cb=2", "wse:ab=3");
    assertThat(told).containsExactly("wse:a*", "wse:*b");
  }

  @Test
  void aChannelThatIsSubscribedCountsAndThePatternDoesNot() {
    ear.psubscribed(utf8("wse:*"), 1);
    ear.message(utf8("wse:*"), utf8("wse:a"), utf8("1"));
    ear.subscribed(utf8("wse:a"), 2);
    ear.message(utf8("wse:a"), utf8("2"));
    ear.message(utf8("wse:*"), utf8("wse:a"), utf8("2"));
    ear.unsubscribed(utf8("wse:a"), 1);
    ear.message(utf8("wse:*"), utf8("wse:a"), utf8("3"));
    assertThat(heard).containsExactly("wse:a=1", "+wse:a", "wse:a=2", "wse:a=3");
  }

  @Test
  void whatRedisWouldTakeForSomethingElseStandsForItself() {
    ear.psubscribed(utf8("wse:\\[a\\]\\\\*"), 1);
    ear.psubscribed(utf8("wse:*"), 2);
    ear.message(utf8("wse:\\[a\\]\\\\*"), utf8("wse:[a]\\b"), utf8("1"));
    ear.message(utf8("wse:*"), utf8("wse:[a]\\b"), utf8("1"));
    assertThat(heard).containsExactly("wse:[a]\\b=1");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
