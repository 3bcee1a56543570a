package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An entry of `hub.topics`: what holds for the topics whose names match.
public record TopicSpec(
    @About(
            "Names it is for: `*` stands for any characters, `?` for one. The first entry that"
                + " fits.")
        String match,
    @About("What is kept for clients that come back; by default what hub.recovery says.")
        @Nullable RetentionSpec retention,
    @About("Surfaces whose clients may subscribe, such as wse or feed; every one when left out.")
        List<String> audience,
    @About(
            "Milliseconds between two deliveries of one key to one subscriber that asks for no"
                + " time of its own; 0 delivers all.")
        @Default("0")
        @Range(min = 0, max = 3_600_000)
        int conflateMs,
    @About(
            "What tells messages apart that replace one another: the path to a value of the"
                + " payload, with dots, such as order.symbol. Without it the latest of the topic is"
                + " all that counts.")
        @Nullable String conflateBy,
    @About("Whether the topics know who is there; by default what hub.presence.enabled says.")
        @Nullable Boolean presence) {
  public TopicSpec {
    if (match.isEmpty()) {
      throw new IllegalArgumentException("match is empty; \"*\" fits every topic");
    }
    audience = List.copyOf(audience);
  }
}
