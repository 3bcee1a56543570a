package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One session of a model test, what it asked for, and the check of each frame it gets.
final class ModelPeer {
  static final String PRESENCE = "kept1";
  private static final String PATTERN = "p*";

  private final ModelWorld world;
  private final SimulatedLoops.Loop loop;
  private final WireForm form;
  private final FakeClient client;
  private final boolean conflates; // then it reads always
  private final String user;
  private final Map<String, ModelStream> streams = new HashMap<>();
  private boolean matches; // has the pattern
  private boolean shares; // is in the queue group
  private boolean present;
  private boolean rewrites;
  private long nextNumber;

  ModelPeer(ModelWorld world, WireForm form, boolean conflates) {
    var random = world.random();
    this.world = world;
    this.loop = world.loops().loop(random.nextInt(world.loops().all().size()));
    this.form = form;
    this.conflates = conflates;
    this.user = "u" + random.nextInt(4);
    this.client = FakeClient.on(world.hub(), loop, form, this::receive);
  }

  /// Whether it may be spared messages; who conflates always reads.
  boolean mayBeSpared() {
    return world.skips() && !conflates;
  }

  String user() {
    return user;
  }

  boolean isPresent() {
    return present;
  }

  private Session session() {
    return client.session();
  }

  // What it gets.

  private void receive(String frame) {
    long offset = offset(stripped(frame, true));
    var topic = frame.substring(frame.indexOf('=') + 1, frame.indexOf(':'));
    if (shares && topic.equals("work")) {
      world.sharedOut(offset);
      return;
    }
    var stream = streams.get(topic);
    assertThat(stream).as("%s: %s was not asked for", world.context(), topic).isNotNull();
    stream.receive(offset, frame.endsWith("~"), form.name().equals("copied"));
  }

  /// Without the number that a rewriter gave it.
  private String stripped(String frame, boolean counts) {
    assertThat(frame.startsWith("#")).as(world.context()).isEqualTo(rewrites);
    if (!rewrites) {
      return frame;
    }
    int equals = frame.indexOf('=');
    if (counts) {
      long number = Long.parseLong(frame.substring(1, equals));
      assertThat(number).as(world.context()).isEqualTo(nextNumber++);
    }
    return frame.substring(equals + 1);
  }

  private static long offset(String text) {
    return Long.parseLong(text.split(":", 3)[1]);
  }

  void settle() {
    streams.values().forEach(ModelStream::settle);
  }

  // What it does.

  void readOn() {
    loop.in(client::readOn);
  }

  void stopReading() {
    if (!conflates || !world.skips()) {
      client.stopReading();
    }
  }

  void rewrite() {
    readOn(); // what is on its way has the old numbers
    rewrites = !rewrites;
    nextNumber = 0;
    var next = new long[1];
    FrameRewriter rewriter =
        (frame, out) -> {
          var text = "#" + next[0]++ + "=" + HubFixture.text(frame);
          var bytes = text.getBytes(StandardCharsets.UTF_8);
          out.writeInt(bytes.length).writeBytes(bytes);
          return 1;
        };
    loop.in(() -> session().rewriteWith(rewrites ? rewriter : null));
  }

  void subscribe(String topic, @Nullable Position from) {
    readOn(); // what is on its way arrives before the answer
    boolean known = streams.containsKey(topic);
    if ((known && from == null) || (shares && topic.equals("work"))) {
      return;
    }
    var position = from == null && mayBeSpared() ? Position.NONE : from; // the answer tells where
    var wish = anyWish();
    var stream =
        new ModelStream(world, world.log(topic), wish, position, isOwnedHere(topic), isLate());
    streams.put(topic, stream);
    ask(
        wish.wanted(topic, position),
        outcome -> {
          if (streams.get(topic) == stream) { // otherwise it has asked again meanwhile
            stream.answered(outcome, form);
          }
        });
  }

  private boolean isLate() {
    return form instanceof LateForm;
  }

  private ModelWish anyWish() {
    var random = world.random();
    return new ModelWish(random.nextInt(5) - 2, conflates && random.nextInt(3) > 0 ? 50 : 0);
  }

  private boolean isOwnedHere(String topic) {
    return world.hub().ownerOf(topic).loop().equals(loop);
  }

  private void ask(Wanted wanted, java.util.function.Consumer<SubscribeOutcome> answer) {
    loop.in(
        () ->
            session().subscribeTo(List.of(wanted), outcomes -> answer.accept(outcomes.getFirst())));
  }

  void unsubscribe(String topic) {
    readOn();
    boolean share = shares && topic.equals("work");
    shares &= !share;
    boolean known = streams.remove(topic) != null || share;
    present &= !topic.equals(PRESENCE);
    assertThat(loop.in(() -> session().unsubscribe(topic))).as(world.context()).isEqualTo(known);
  }

  /// Asks for all topics of a kind, or gives them up.
  void match() {
    if (mayBeSpared()) {
      return; // where it begins is not known to the message
    }
    readOn();
    if (matches) {
      matches = false;
      ModelWorld.MATCHED.forEach(streams::remove);
      assertThat(loop.in(() -> session().unsubscribe(PATTERN))).as(world.context()).isTrue();
      return;
    }
    matches = true;
    var wish = anyWish();
    for (var topic : ModelWorld.MATCHED) {
      foundByPattern(topic, wish);
    }
    ask(
        wish.wanted(PATTERN, null),
        outcome ->
            assertThat(outcome)
                .as(world.context())
                .isEqualTo(new SubscribeOutcome.Subscribed(PATTERN)));
    matched = wish;
  }

  private ModelWish matched = ModelWish.ALL;

  private void foundByPattern(String topic, ModelWish wish) {
    var stream = new ModelStream(world, world.log(topic), wish, null, isOwnedHere(topic), isLate());
    stream.foundByPattern();
    streams.put(topic, stream);
  }

  /// Topics have been forgotten: what a pattern found of them begins anew.
  void forgotten(Set<String> topics) {
    for (var topic : ModelWorld.MATCHED) {
      if (matches && topics.contains(topic)) {
        foundByPattern(topic, matched);
      }
    }
  }

  void share() {
    readOn();
    if (shares || streams.containsKey("work") || !form.equals(world.canonical())) {
      return;
    }
    shares = true;
    ask(
        Wanted.all("work").inGroup("g"),
        outcome ->
            assertThat(outcome)
                .as(world.context())
                .isIn(
                    new SubscribeOutcome.Subscribed("work"),
                    new SubscribeOutcome.Refused(
                        "work", "it was unsubscribed before the answer came")));
  }

  void attend() {
    if (streams.containsKey(PRESENCE)) {
      present = true;
      byte[] data = {(byte) ('0' + world.random().nextInt(10))};
      var objection =
          loop.in(() -> Optional.ofNullable(session().identify(user).attend(PRESENCE, data)));
      assertThat(objection).as(world.context()).isEmpty();
    }
  }

  /// Where it stands on a topic, or null.
  @Nullable Position position(String topic) {
    var stream = streams.get(topic);
    return stream == null ? null : stream.position();
  }

  /// Its connection breaks; what is on its way is lost.
  void gone() {
    for (var frame : client.inFlight()) {
      var text = stripped(frame, false);
      if (shares && text.startsWith("work:")) {
        world.sharedOut(offset(text));
      }
    }
    present = false;
    loop.in(client::gone);
  }
}
