package dev.millrace.connect.simulated;

import java.util.Locale;

/// What a simulated post is about. [PostWriter] knows it, so a classifier can be trained and judged
/// on simulated posts.
public enum Topic {
  SPORT(12, "MatchDay"),
  SCIENCE(8, "SciComm"),
  POLITICS(8, "CityCouncil"),
  MUSIC(11, "NowPlaying"),
  FOOD(11, "HomeCooking"),
  GAMES(10, "IndieGames"),
  WEATHER(7, "SkyWatch"),
  TECHNOLOGY(10, "OpenSource"),
  TRAVEL(7, "SlowTravel"),
  BOOKS(6, "AmReading"),
  SMALLTALK(10, "GoodMorning");

  /// Posts about this, of 100.
  final int share;

  /// What such posts are tagged with, without the `#`.
  final String hashtag;

  Topic(int share, String hashtag) {
    this.share = share;
    this.hashtag = hashtag;
  }

  /// Lower case, as labels are written.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
