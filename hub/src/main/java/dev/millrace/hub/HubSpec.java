package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.core.spec.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The section `hub`: limits of topics, sessions and the connections that carry them. What a hub is
/// built with holds until the next start; limits of connections change with the configuration.
public record HubSpec(
    @About("Memory for messages that some session has not been sent yet.")
        @OnRestart
        @Default("512MiB")
        @Range(min = 16 << 20, max = 1L << 40)
        ByteSize memory,
    @About("Largest piece of memory in which the messages of one topic are kept.")
        @OnRestart
        @Default("256KiB")
        @Range(min = 1 << 10, max = 16 << 20)
        ByteSize chunkSize,
    @About("Messages that may wait for one event loop before publishers are told to wait.")
        @OnRestart
        @Default("65536")
        @Range(min = 16, max = 1 << 22)
        int inboxMessages,
    @About("Bytes that may wait for one event loop before publishers are told to wait.")
        @OnRestart
        @Default("64MiB")
        @Range(min = 1 << 20, max = 1L << 34)
        ByteSize inboxBytes,
    @About("Largest message, as it stands on the wire.")
        @OnRestart
        @Default("1MiB")
        @Range(min = 1 << 10, max = 16 << 20)
        ByteSize maxMessage,
    @About("Topics at one time.") @OnRestart @Default("100000") @Range(min = 1, max = 10_000_000)
        int maxTopics,
    @About("Length of a topic's name, in bytes of UTF-8.")
        @OnRestart
        @Default("256")
        @Range(min = 1, max = 4_096)
        int maxTopicLength,
    @About("Topics that one session may be subscribed to.")
        @OnRestart
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        int maxSubscriptions,
    @About("Ids per topic that are remembered to take a message once.")
        @OnRestart
        @Default("5000")
        @Range(min = 0, max = 1_000_000)
        int duplicateWindow,
    @About("Answers and notices that may wait for one session.")
        @OnRestart
        @Default("256")
        @Range(min = 1, max = 65_536)
        int outboxMessages,
    @About("Bytes of answers and notices that may wait for one session.")
        @OnRestart
        @Default("4MiB")
        @Range(min = 1 << 10, max = 1 << 30)
        ByteSize outboxBytes,
    @About("Messages a session may be behind before the least important are left out.")
        @OnRestart
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        int jamMessages,
    @About("Bytes a session may be behind before it is closed with 4503.")
        @OnRestart
        @Default("16MB")
        @Range(min = 1 << 10, max = 1L << 34)
        ByteSize maxLag,
    @About("Bytes given to one session in one turn of its event loop.")
        @OnRestart
        @Default("256KiB")
        @Range(min = 1 << 10, max = 16 << 20)
        ByteSize writePass,
    @About(
            "Subscribers of one topic that are written to before an event loop looks for what was"
                + " published meanwhile.")
        @OnRestart
        @Default("128")
        @Range(min = 1, max = 1_000_000)
        int writeSessions,
    @About("How subscriptions are served that are more than the name of a topic.") @OnRestart
        DeliverySpec delivery,
    @About("Connections at one time; one more is closed with 4503.")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        int maxConnections,
    @About("What one connection may send.") RateLimit rateLimit,
    @About("How frames are compressed for clients that take them so.") @OnRestart
        CompressionSpec compression,
    @About("How frames are sealed for clients that ask for it.") EncryptionSpec encryption,
    @About("How frames are signed.") SigningSpec signing,
    @About("Tokens by which clients that come back name their session.")
        SessionTokenSpec sessionTokens,
    @About("Tokens that let a user follow a topic which the rules refuse.")
        ChannelTokenSpec channelTokens,
    @About(
            "Types of envelopes by types of events that other programs publish in Redis; a type"
                + " without an entry is put in lower case.")
        @OnRestart
        Map<String, String> mappings,
    @About("Time between two heartbeats to each connection.")
        @Default("15s")
        @Range(min = 1, max = 3_600)
        Duration heartbeatInterval,
    @About("A connection from which nothing came for so long is closed.")
        @Default("90s")
        @Range(min = 1, max = 86_400)
        Duration idleTimeout,
    @About("What holds for some topics; of several entries that fit the first counts.") @OnRestart
        List<TopicSpec> topics,
    @About("What other topics keep for clients that come back, and for whoever asks for history.")
        @OnRestart
        RecoverySpec recovery,
    @About("Who is on a topic.") @OnRestart PresenceSpec presence,
    @About("Server-sent events.") SseSpec sse,
    @About("Who may subscribe and publish to which topics.") AclSpec acl,
    @About("Publishing over sockets.") PublishingSpec publish,
    @About("Messages of clients for the programs behind /ws/inbound.") InboundSpec inbound,
    @About("Programs that are asked over HTTP.") WebhooksSpec webhooks,
    @SameLevel ClientSpec clients) {

  /// A token bucket: `capacity` at once, then `refillRate` a second.
  public record RateLimit(
      @About("Messages at once.") @Default("100000") @Range(min = 1, max = 1_000_000_000)
          int capacity,
      @About("Messages a second after that; 0 takes any number.")
          @Default("10000")
          @Range(min = 0, max = 1_000_000_000)
          int refillRate) {}

  public HubSpec {
    mappings = Map.copyOf(mappings);
    topics = List.copyOf(topics);
    if (chunkSize.bytes() > writePass.bytes()) {
      throw new IllegalArgumentException(
          "chunk_size " + chunkSize + " is larger than write_pass " + writePass);
    }
    if (maxMessage.bytes() > inboxBytes.bytes()) {
      throw new IllegalArgumentException(
          "max_message " + maxMessage + " is larger than inbox_bytes " + inboxBytes);
    }
  }

  public static HubSpec defaults() {
    return Spec.of(HubSpec.class).defaults();
  }
}
