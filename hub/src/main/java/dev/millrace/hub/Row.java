package dev.millrace.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is written to in one go: sections of cohorts. A session has a row for life, in which it
/// stands with what it follows together with very many others, so that what several topics have for
/// it leaves in one write. What few follow stands in a row that a loop's topics share: such a topic
/// is one section, and its subscribers are given the same in the same turn. Confined to the loop.
final class Row {
  private final HubShard shard;
  private final Map<Cohort, Section> sections = new HashMap<>();
  private List<Section> behind = new ArrayList<>();
  private List<Section> delivering = new ArrayList<>();
  private int sessions;
  private long appendedBefore; // bytes, when it began to wait

  Row(HubShard shard) {
    this.shard = shard;
  }

  // Who stands here.

  int sessions() {
    return sessions;
  }

  void enter() {
    sessions++;
  }

  void leave() {
    sessions--;
  }

  @Nullable Section sectionOf(Cohort cohort) {
    return sections.get(cohort);
  }

  void add(Section section) {
    sections.put(section.cohort(), section);
  }

  void remove(Section section) {
    sections.remove(section.cohort());
  }

  // Delivery.

  /// There is something for a section.
  void enqueue(Section section) {
    if (behind.isEmpty()) {
      appendedBefore = shard.appender().appendedBytes();
      shard.enqueue(this);
    }
    behind.add(section);
  }

  /// Bytes that were appended on its loop, as they count in the inbox, before it began to wait.
  long appendedBefore() {
    return appendedBefore;
  }

  /// The sections that are being written to.
  List<Section> delivering() {
    return delivering;
  }

  /// Writes what there is for its sections, and flushes each session once. Returns to how many
  /// members it wrote.
  int deliver(Ranges ranges, int byteLimit) {
    var batch = behind;
    behind = delivering;
    delivering = batch;
    int members = 0;
    boolean alone = batch.size() == 1;
    for (var section : batch) {
      members += section.deliver(ranges, byteLimit, alone);
    }
    ranges.clear();
    shard.finishTouched();
    for (var section : batch) {
      section.advance();
    }
    batch.clear();
    return members;
  }
}
