package dev.millrace.connect.simulated;

import java.util.List;

/// Writes short posts whose topic is known. Post n of a seed is always the same. Confined to one
/// thread.
public final class PostWriter {
  private static final String[] LANGS = {"en", "ja", "pt", "de", "es", "fr"};
  private static final int[] LANG_SHARES = {52, 18, 10, 8, 7, 5};
  private static final String[] EMOJI = {
    "😂", "🎉", "💚", "✨", "🙌", "😅", "🔥", "🌈", "👀", "🥲", "💦", "🫶", "😍", "🤔", "☕"
  };
  private static final List<Topic> TOPICS = List.of(Topic.values());
  private static final int[] TOPIC_SHARES =
      TOPICS.stream().mapToInt(topic -> topic.share).toArray();

  private final CounterRandom random = new CounterRandom();
  private final StringBuilder text = new StringBuilder(320);
  private final Phrasebook[] books = new Phrasebook[LANGS.length];

  public PostWriter() {
    for (int i = 0; i < LANGS.length; i++) {
      books[i] = Phrasebook.of(LANGS[i]);
    }
  }

  /// A post: what it says, in which language (BCP 47), and what it is truly about.
  public record Post(String text, String lang, Topic topic) {}

  /// Post `n` of `seed`.
  public Post write(long seed, long n) {
    return write(random.at(seed, n));
  }

  Post write(CounterRandom source) {
    int lang = pick(LANG_SHARES, source);
    return write(source, lang, TOPICS.get(pick(TOPIC_SHARES, source)));
  }

  /// Post `n` of `seed` about `topic` in `lang`, one of [#langs].
  public Post write(long seed, long n, String lang, Topic topic) {
    for (int i = 0; i < LANGS.length; i++) {
      if (LANGS[i].equals(lang)) {
        return write(random.at(seed, n), i, topic);
      }
    }
    throw new IllegalArgumentException("no posts in " + lang + "; " + String.join(", ", LANGS));
  }

  /// The languages posts are written in.
  public static List<String> langs() {
    return List.of(LANGS);
  }

  private Post write(CounterRandom source, int lang, Topic topic) {
    text.setLength(0);
    books[lang].write(topic, source, text);
    boolean spaced = !LANGS[lang].equals("ja");
    if (source.percent(30)) {
      text.append(spaced ? " " : "");
      books[lang].write(topic, source, text);
    }
    capitalise();
    if (source.percent(22)) {
      text.append(spaced ? " " : "").append(EMOJI[source.below(EMOJI.length)]);
    }
    if (source.percent(12)) {
      text.append(source.percent(50) ? "\n\n#" : " #").append(topic.hashtag);
    }
    return new Post(text.toString(), LANGS[lang], topic);
  }

  /// Slots are filled without regard to where they stand in a sentence.
  private void capitalise() {
    boolean begins = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (begins) {
        text.setCharAt(i, Character.toUpperCase(c));
      }
      begins = c == ' ' && i > 0 && ".!?".indexOf(text.charAt(i - 1)) >= 0;
    }
  }

  private static int pick(int[] shares, CounterRandom source) {
    int rest = source.below(100);
    int index = 0;
    while (rest >= shares[index]) {
      rest -= shares[index++];
    }
    return index;
  }
}
