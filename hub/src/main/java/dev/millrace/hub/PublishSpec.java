package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import org.jspecify.annotations.Nullable;

/// Config of the node `Publish`.
public record PublishSpec(
    @About("The topic each frame is published on.") String topic,
    @About("The type of the events; the topic's name when left out.") @Nullable String type,
    @About(
            "What a subscriber that cannot keep up is spared first: background, then low, then"
                + " normal.")
        @Default("normal")
        Priority priority) {}
