package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueGroupTest {
  private static final Wanted WORK = Wanted.all("work").inGroup("workers");

  private HubFixture fixture = new HubFixture(1);

  private void with(int loops, String... keys) {
    fixture = new HubFixture(loops, keys);
  }

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  private static String[] numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toArray(String[]::new);
  }

  @Test
  void eachMessageGoesToOneMemberInTurn() {
    with(2);
    var one = fixture.client(0).subscribe(WORK);
    var two = fixture.client(1).subscribe(WORK);
    var three = fixture.client(0).subscribe(WORK);
    var all = fixture.client(1).subscribe("work");
    fixture.publish("work", numbers(0, 9));
    assertThat(one.received).containsExactly("0", "3", "6");
    assertThat(two.received).containsExactly("1", "4", "7");
    assertThat(three.received).containsExactly("2", "5", "8");
    assertThat(all.received).hasSize(9);
    assertThat(fixture.hub.topic("work").orElseThrow().subscribers()).isEqualTo(4);
    assertThat(one.transport.session().topics()).containsExactly("work");
  }

  @Test
  void aMemberOfAnotherFormHasItsSharesMadeOfTheGroups() {
    var one = fixture.client().subscribe(WORK);
    var copied = fixture.client(new PlainForm("copied")).subscribe(WORK);
    fixture.publish("work", "1", "2", "!3", "4", "5", "6");
    assertThat(one.received).containsExactly("1", "!3", "5");
    assertThat(copied.takeReceived()).containsExactly("2~", "4~", "6~");
    copied.in(
        session ->
            session.rewriteWith(
                (frame, out) -> {
                  frame.copyTo(out);
                  frame.copyTo(out);
                  return 2;
                }));
    fixture.publish("work", "7", "8");
    assertThat(copied.received).containsExactly("7~", "7~");
  }

  @Test
  void groupsOfOneTopicDoNotShareWithOneAnother() {
    var one = fixture.client().subscribe(WORK);
    var other = fixture.client().subscribe(Wanted.all("work").inGroup("others"));
    fixture.publish("work", numbers(0, 3));
    assertThat(one.received).hasSize(3);
    assertThat(other.received).hasSize(3);
  }

  @Test
  void whatAJammedMemberHasNotWrittenGoesToOthers() {
    with(2);
    var jammed = fixture.client(0).subscribe(WORK);
    var well = fixture.client(1).subscribe(WORK);
    jammed.transport.stopReading();
    fixture.publish("work", "0");
    fixture.publish("work", numbers(1, 20));
    assertThat(well.received).hasSize(19).doesNotContain("0");
    jammed.readOn();
    assertThat(jammed.received).containsExactly("0");
    fixture.publish("work", numbers(20, 24));
    assertThat(jammed.received).hasSize(3);
    assertThat(well.received).hasSize(21);
  }

  @Test
  void whileNobodyHasRoomMessagesWait() {
    var client = fixture.client().subscribe(WORK);
    client.transport.stopReading();
    fixture.publish("work", "0");
    fixture.publish("work", numbers(1, 600));
    var late = fixture.client().subscribe(WORK);
    assertThat(late.received).hasSize(599);
    assertThat(fixture.hub.stats().memoryBytes()).isLessThan(4_096);
    late.transport.stopReading();
    fixture.publish("work", numbers(600, 700));
    client.readOn();
    late.readOn();
    var all = new ArrayList<>(client.received);
    all.addAll(late.received);
    assertThat(all).containsExactlyInAnyOrder(numbers(0, 700));
  }

  @Test
  void aGroupThatLagsTooMuchClosesItsJammedMembers() {
    with(2, "max_lag=4096");
    var jammed = fixture.client(0).subscribe(WORK);
    jammed.transport.stopReading();
    for (int i = 0; i < 200; i++) {
      fixture.publish("work", "x".repeat(100));
    }
    assertThat(jammed.transport.closeCode()).isEqualTo(4503);
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void aMemberThatLeavesHandsOnWhatItHas() {
    with(2, "write_pass=1024", "chunk_size=1024");
    var leaving = fixture.client(0).subscribe(WORK);
    var staying = fixture.client(1).subscribe(WORK);
    for (var text : numbers(1_000, 1_500)) {
      fixture.publish("work", Priority.NORMAL, text);
    }
    fixture.loops.runOne(new java.util.Random(1));
    leaving.unsubscribe("work");
    fixture.loops.run();
    var all = new ArrayList<>(leaving.received);
    all.addAll(staying.received);
    assertThat(all).containsExactlyInAnyOrder(numbers(1_000, 1_500));
  }

  @Test
  void whatCannotBeSharedIsRefused() {
    var client = fixture.client().subscribe("work");
    client.answers.clear();
    client.subscribe(
        WORK,
        Wanted.all("w*").inGroup("workers"),
        Wanted.all("other").inGroup(""),
        Wanted.all("other").inGroup("g"),
        Wanted.all("other").inGroup("h"));
    assertThat(client.answers)
        .containsExactly(
            new SubscribeOutcome.AlreadySubscribed("work"),
            new SubscribeOutcome.Refused("w*", "a queue group shares one topic, not a pattern"),
            new SubscribeOutcome.Refused(
                "other", "the name of a queue group has 1 to 256 characters"),
            new SubscribeOutcome.Subscribed("other"),
            new SubscribeOutcome.AlreadySubscribed("other"));
    assertThatThrownBy(() -> WORK.conflated(5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Wanted.all("a").conflated(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aShareOfATopicReplacesWhatAPatternGaveAndEndsWithIt() {
    var client = fixture.client().subscribe("*");
    fixture.publish("work", "by pattern");
    client.subscribe(WORK);
    var other = fixture.client().subscribe(WORK);
    fixture.publish("work", numbers(0, 4));
    assertThat(client.received).containsExactly("by pattern", "0", "2");
    assertThat(client.unsubscribe("work")).isTrue();
    fixture.publish("work", "both");
    assertThat(client.received).endsWith("both");
    assertThat(other.received).endsWith("both");
  }

  @Test
  void aGroupWhoseFormDiffersIsRefused() {
    fixture.client().subscribe(WORK);
    var loop = fixture.loops.loop(0);
    var answers = new ArrayList<SubscribeOutcome>();
    var other = FakeClient.on(fixture.hub, loop, new PlainForm("other"), text -> {});
    loop.in(() -> other.session().subscribeTo(List.of(WORK), answers::addAll));
    fixture.loops.run();
    assertThat(answers)
        .containsExactly(
            new SubscribeOutcome.Refused("work", "its queue group is served in the form plain"));
    assertThat(other.session().topics()).isEmpty();
    loop.in(other::gone);
  }

  @Test
  void aGroupGivesWayWhenMemoryRunsOut() {
    with(1, "memory=16MiB", "max_lag=100MB", "inbox_bytes=64MiB");
    var client = fixture.client().subscribe(WORK);
    var well = fixture.client().subscribe("work");
    client.transport.stopReading();
    for (int i = 0; i < 40; i++) {
      fixture.publish("work", "x".repeat(1_000_000));
    }
    assertThat(client.transport.closeCode()).isEqualTo(4503);
    assertThat(well.received).hasSize(40);
  }

  @Test
  void membersWithRewritersGetTheirShareRewritten() {
    var client = fixture.client().subscribe(WORK);
    client.in(
        session ->
            session.rewriteWith(
                (frame, out) -> {
                  frame.copyTo(out);
                  frame.copyTo(out);
                  return 2;
                }));
    fixture.publish("work", "a", "b");
    assertThat(client.received).containsExactly("a", "a", "b", "b");
    assertThat(client.transport.session().delivered()).isEqualTo(4);
  }
}
