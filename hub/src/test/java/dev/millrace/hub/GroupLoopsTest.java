package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A queue group whose members, on several loops whose tasks run in random order, come, jam, leave
/// and break, beside the set of all messages.
class GroupLoopsTest {
  private static final int STEPS = 20_000;
  private static final Wanted WORK = Wanted.all("work").inGroup("g");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void eachMessageReachesOneMemberOrIsLostInABrokenSocket(int loopCount) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var fixture =
        new HubFixture(
            loopCount,
            "chunk_size=1024",
            "write_pass=1024",
            "delivery.group_queue=5",
            "max_lag=1GB",
            "memory=1GiB");
    var first = fixture.client(0).subscribe(WORK); // jams, but never leaves
    var clients = new ArrayList<>(List.of(first));
    var everybody = new ArrayList<>(clients);
    Set<String> published = new HashSet<>();
    var lost = new ArrayList<String>();
    for (int step = 0; step < STEPS; step++) {
      int choice = random.nextInt(100);
      var client = clients.get(random.nextInt(clients.size()));
      if (choice < 30) {
        for (int i = random.nextInt(8); i >= 0; i--) {
          var text = step + "." + i + " " + "x".repeat(random.nextInt(100));
          published.add(text);
          fixture.publish("work", Priority.LOW, text);
        }
      } else if (choice < 80) {
        fixture.loops.runOne(random);
      } else if (choice < 86) {
        client.transport.stopReading();
      } else if (choice < 94) {
        client.loop.in(client.transport::readOn);
      } else if (choice < 96) {
        if (clients.size() < 6) {
          var fresh = fixture.client(random.nextInt(loopCount));
          clients.add(fresh);
          everybody.add(fresh);
          var session = fresh.transport.session();
          fresh.loop.in(() -> session.subscribeTo(List.of(WORK), outcomes -> {}));
        }
      } else if (client != first && choice < 99) {
        var session = client.transport.session();
        boolean member = client.loop.in(() -> session.unsubscribe("work"));
        if (!member) {
          client.loop.in(() -> session.subscribeTo(List.of(WORK), outcomes -> {}));
        }
      } else if (client != first) {
        lost.addAll(client.transport.inFlight());
        client.loop.in(client.transport::gone);
        clients.remove(client);
      }
    }
    fixture.loops.run();
    for (int i = 0; i < 3; i++) {
      clients.forEach(client -> client.loop.in(client.transport::readOn));
      fixture.loops.run();
    }
    var received = new ArrayList<>(lost);
    everybody.forEach(client -> received.addAll(client.received));
    assertThat(received).as("seed %d", seed).doesNotHaveDuplicates();
    assertThat(new HashSet<>(received)).as("seed %d", seed).isEqualTo(published);
    assertThat(fixture.hub.stats().memoryBytes()).as("seed %d", seed).isZero();
    fixture.close();
  }
}
