package dev.millrace.gateway.wse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import dev.millrace.gateway.wse.codec.FrameContent;
import dev.millrace.gateway.wse.crypto.MessageSigner;
import dev.millrace.gateway.wse.crypto.SignedEnvelope;
import dev.millrace.hub.Finisher;
import dev.millrace.hub.FrameReader;
import dev.millrace.hub.FrameView;
import dev.millrace.hub.Message;
import dev.millrace.hub.MessageExtras;
import dev.millrace.hub.SigningSpec;
import dev.millrace.hub.TopicPattern;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which messages are signed for everybody, and with what. Such a signature depends on nobody who
/// gets it, so it is made once, when the message goes into its log, and its frames stay shared.
/// Safe from any thread.
final class Signing implements Finisher {
  private static final int SECRET_BYTES = 32;
  private static final byte[] DATA = "{\"data\":".getBytes(UTF_8);

  private final Set<String> names = new HashSet<>();
  private final List<TopicPattern> patterns;
  private final MessageSigner own;
  private final SecureRandom random;
  private volatile @Nullable Shared shared; // written by apply

  Signing(SigningSpec spec, SecureRandom random) {
    this.random = random;
    this.own = ofSomeSecret();
    spec.types().stream().filter(type -> !TopicPattern.isPattern(type)).forEach(names::add);
    this.patterns =
        spec.types().stream().filter(TopicPattern::isPattern).map(TopicPattern::of).toList();
    apply(spec);
  }

  /// Signs with another secret from now on; the types stay.
  void apply(SigningSpec spec) {
    var secret = spec.secret();
    shared =
        secret == null
            ? null
            : new Shared(MessageSigner.withTokens(secret.getBytes(UTF_8), random));
  }

  /// Whether messages of some type are signed for everybody.
  boolean hasTypes() {
    return !names.isEmpty() || !patterns.isEmpty();
  }

  boolean signs(String type) {
    if (names.contains(type)) {
      return true;
    }
    for (var pattern : patterns) {
      if (pattern.matches(type)) {
        return true;
      }
    }
    return false;
  }

  /// The signature that others can check; null where there is no secret for it.
  @Nullable Shared shared() {
    return shared;
  }

  /// A signer with a secret that nobody knows.
  MessageSigner ofSomeSecret() {
    var secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return MessageSigner.withHmac(secret, random);
  }

  /// How signatures are made, as clients are told.
  String provider() {
    return shared == null ? "HMAC-SHA256" : "JWT-HS256";
  }

  @Override
  public Message finish(Message message, long nowMillis) {
    var extras = message.extras();
    if (!signs(message.type()) || (extras != null && isSigned(extras.members()))) {
      return message;
    }
    var member = SignedEnvelope.member(signature(payload(message), nowMillis));
    return message.withExtras(
        extras == null
            ? new MessageExtras(null, member)
            : new MessageExtras(extras.category(), joined(extras.members(), member)));
  }

  /// Signs a payload for everybody.
  String signature(byte[] payload, long nowMillis) {
    var known = shared;
    return (known == null ? own : known.signer).sign(payload, nowMillis);
  }

  /// What stands as `p`.
  private static byte[] payload(Message message) {
    return message.object()
        ? message.payload()
        : joined(joined(DATA, message.payload()), new byte[] {'}'});
  }

  /// What another program has signed stays signed by it.
  private static boolean isSigned(byte[] members) {
    if (members.length == 0) {
      return false;
    }
    var object = joined(members, new byte[] {'}'});
    object[0] = '{'; // instead of the first comma
    return Json.tree(object).has("sig");
  }

  private static byte[] joined(byte[] one, byte[] other) {
    var both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  /// Signs with the secret of the server. As a reader of frames it makes the member `sig`, empty
  /// for a frame that has it: one for all sessions of a loop that want the frame signed.
  static final class Shared implements FrameReader<byte[]> {
    private final MessageSigner signer;

    private Shared(MessageSigner signer) {
      this.signer = signer;
    }

    MessageSigner signer() {
      return signer;
    }

    @Override
    public byte[] read(FrameView frame) {
      var json = frame.read(FrameContent.INSTANCE);
      int start = Category.objectStart(json, 0, json.length);
      return SignedEnvelope.member(json, start, signer, frame.nowMillis());
    }
  }
}
