package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Everything at once, on several loops whose tasks run in random order: names, filters, positions,
/// patterns, conflation, a queue group, presence, rewriters, forms, jams, duplicates, messages that
/// cannot be encoded, topics that are forgotten; beside a model that keeps lists.
class WholeHubModelTest {
  private static final int STEPS = 10_000;
  private static final int MANY_STEPS = 250_000; // four times
  private static final int SETTLE = 400;

  private final List<ModelPeer> peers = new ArrayList<>();
  private @Nullable Position old;
  private String oldTopic = "";

  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "3, true", "4, false"})
  void everybodyGetsWhatListsWouldHold(int loopCount, boolean skips) {
    walk(loopCount, skips, STEPS);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, true", "3, false", "4, true"})
  @Tag("slow") // each ordinary run takes other steps
  void everybodyStillDoesAfterManySteps(int loopCount, boolean skips) {
    walk(loopCount, skips, MANY_STEPS);
  }

  private void walk(int loopCount, boolean skips, int steps) {
    long seed = Long.getLong("millrace.test.seed", new Random().nextLong());
    var world = new ModelWorld(seed, loopCount, skips);
    var first = new ModelPeer(world, world.canonical(), false);
    peers.add(first);
    first.share(); // it never leaves the group
    world.loops().run();
    for (int step = 0; step < steps; step++) {
      world.step(step);
      step(world);
      if (step % SETTLE == SETTLE - 1) {
        settle(world);
      }
    }
    settle(world);
    assertThat(world.recoveries()).as("%s, recoveries", world.context()).isPositive();
    assertThat(world.leftOut() > 0).as("%s, left out", world.context()).isEqualTo(skips);
    world.close(peers);
  }

  private void step(ModelWorld world) {
    var random = world.random();
    int choice = random.nextInt(200);
    if (random.nextInt(8) == 0) {
      world.makeAny();
    }
    if (choice < 50) {
      world.publish();
    } else if (choice < 140) {
      world.loops().runOne(random);
    } else if (choice < 142) {
      world.advance(Duration.ofMillis(random.nextInt(40)));
    } else if (choice < 145) {
      if (peers.size() < 10) {
        peers.add(new ModelPeer(world, world.anyForm(), random.nextInt(4) == 0));
      }
    } else if (choice == 145) {
      if (random.nextInt(10) == 0) {
        settle(world);
        forget(world);
      }
    } else {
      act(world, choice, peers.get(random.nextInt(peers.size())));
    }
  }

  private void act(ModelWorld world, int choice, ModelPeer peer) {
    var random = world.random();
    var topic = ModelWorld.NAMED.get(random.nextInt(ModelWorld.NAMED.size()));
    boolean leaves = (choice >= 156 && choice < 163) || choice >= 195;
    if (leaves && !mayLeave(world, peer)) {
      return;
    }
    if (choice < 156) {
      peer.subscribe(topic, null);
    } else if (choice < 163) {
      var kept = random.nextInt(4) > 0 ? ModelWorld.NAMED.get(random.nextInt(2)) : topic;
      peer.subscribe(kept, position(world, kept));
    } else if (choice < 178) {
      peer.stopReading();
    } else if (choice < 188) {
      peer.readOn();
    } else if (choice < 190) {
      peer.attend();
    } else if (choice < 191) {
      peer.rewrite();
    } else if (choice < 193) {
      peer.match();
    } else if (choice < 195) {
      peer.share();
    } else if (peer != peers.getFirst() || !topic.equals("work")) {
      remember(peer, topic);
      if (choice < 199) {
        peer.unsubscribe(topic);
      } else if (peer != peers.getFirst()) {
        peer.gone();
        peers.remove(peer);
      }
    }
  }

  /// What a session is spared is counted when it is spared; before one leaves what it has still to
  /// be given, everybody must have got to where that shows. That is not often, so that jams last.
  private boolean mayLeave(ModelWorld world, ModelPeer peer) {
    if (!peer.mayBeSpared()) {
      return true;
    }
    boolean now = world.random().nextInt(8) == 0;
    if (now) {
      settle(world);
    }
    return now;
  }

  private void remember(ModelPeer peer, String topic) {
    var position = peer.position(topic);
    if (position != null) {
      old = position;
      oldTopic = topic;
    }
  }

  private Position position(ModelWorld world, String topic) {
    var random = world.random();
    int epoch = world.epoch(topic);
    long end = world.hub().topic(topic).map(TopicStats::offset).orElse(0L);
    var known = topic.equals(oldTopic) ? old : null;
    return switch (random.nextInt(10)) {
      case 0 -> new Position(epoch + 1, end);
      case 1 -> new Position(epoch, end + random.nextInt(5));
      case 2 -> new Position(epoch, random.nextInt(3) - 1);
      case 3, 4, 5 -> known == null ? new Position(epoch, end) : known;
      default -> new Position(epoch, Math.max(0, end - random.nextInt(30)));
    };
  }

  private void forget(ModelWorld world) {
    world.sweep();
    var gone = new HashSet<>(ModelWorld.MATCHED);
    gone.removeIf(topic -> world.hub().topic(topic).isPresent());
    peers.forEach(peer -> peer.forgotten(gone));
  }

  private void settle(ModelWorld world) {
    world.loops().run();
    for (int i = 0; i < 4; i++) {
      world.makeAll();
      world.loops().run();
      peers.forEach(ModelPeer::readOn);
      world.loops().run();
      world.advance(Duration.ofMillis(50));
      world.loops().run();
    }
    peers.forEach(ModelPeer::settle);
    world.checkSettled(peers);
  }
}
