package dev.millrace.connect.simulated;

import java.time.LocalDate;

/// Writes event n of a seed as the network's servers would send it: their key order, their
/// escapes, identifiers of the right form. The mix of kinds is that of the public network in
/// summer 2026: 69 % likes, 12 % posts, 10 % reposts, 6 % follows. Confined to one thread.
final class EventWriter {
  private static final int LIKE_CLOCKS = 64;
  private static final long DAY_US = 86_400_000_000L;

  private final long seed;
  private final WireBuffer out = new WireBuffer();
  private final CounterRandom random = new CounterRandom();
  private final Identifiers ids;
  private final RecordWriter records;
  private long lastDay = -1;
  private String lastDate = "";

  EventWriter(long seed, int accounts) {
    this.seed = seed;
    this.ids = new Identifiers(seed, accounts, out);
    this.records = new RecordWriter(out, ids, random, this::timestamp);
  }

  /// The bytes of event `n`, stamped `timeUs`.
  byte[] write(long n, long timeUs) {
    random.at(seed, n);
    out.clear();
    int author = ids.author(random);
    out.raw("{\"did\":\"");
    ids.did(author);
    out.raw("\",\"time_us\":").decimal(timeUs).raw(",\"kind\":\"");
    int share = random.below(10_000);
    if (share < 40) {
      identity(author, n, timeUs);
    } else if (share < 80) {
      account(author, n, timeUs);
    } else {
      commit(share - 80, author, timeUs);
    }
    out.raw("}");
    return out.toBytes();
  }

  private void commit(int share, int author, long timeUs) {
    if (share < 6_760) {
      create("app.bsky.feed.like", timeUs, () -> records.reaction("like", timeUs));
    } else if (share < 6_900) {
      delete("app.bsky.feed.like", timeUs);
    } else if (share < 8_050) {
      create("app.bsky.feed.post", timeUs, () -> records.post(timeUs));
    } else if (share < 8_100) {
      delete("app.bsky.feed.post", timeUs);
    } else if (share < 9_050) {
      create("app.bsky.feed.repost", timeUs, () -> records.reaction("repost", timeUs));
    } else if (share < 9_100) {
      delete("app.bsky.feed.repost", timeUs);
    } else if (share < 9_540) {
      create("app.bsky.graph.follow", timeUs, () -> records.relation("follow", timeUs));
    } else if (share < 9_700) {
      delete("app.bsky.graph.follow", timeUs);
    } else if (share < 9_760) {
      create("app.bsky.graph.block", timeUs, () -> records.relation("block", timeUs));
    } else if (share < 9_830) {
      update("app.bsky.actor.profile", "self", timeUs, () -> records.profile(author, timeUs));
    } else if (share < 9_860) {
      update("fm.teal.alpha.actor.status", "self", timeUs, () -> records.playing(timeUs));
    } else if (share < 9_890) {
      create("app.bsky.graph.listitem", timeUs, () -> records.listItem(author, timeUs));
    } else {
      create("app.bsky.feed.threadgate", timeUs, () -> records.threadGate(author, timeUs));
    }
  }

  private void create(String collection, long timeUs, Runnable record) {
    long micros = timeUs - 50_000 - random.below(2_000_000);
    int clock = random.below(LIKE_CLOCKS);
    begin("create", collection, micros + 20_000 + random.below(30_000), clock);
    ids.tid(micros, clock);
    end(record);
  }

  private void update(String collection, String rkey, long timeUs, Runnable record) {
    begin("update", collection, timeUs - random.below(500_000), random.below(LIKE_CLOCKS));
    out.raw(rkey);
    end(record);
  }

  private void delete(String collection, long timeUs) {
    begin("delete", collection, timeUs - random.below(500_000), random.below(LIKE_CLOCKS));
    double age = random.fraction();
    ids.tid(timeUs - (long) (age * age * 400 * DAY_US), random.below(LIKE_CLOCKS));
    out.raw("\"}");
  }

  private void begin(String operation, String collection, long revisionUs, int clock) {
    out.raw("commit\",\"commit\":{\"rev\":\"");
    ids.tid(revisionUs, clock);
    out.raw("\",\"operation\":\"").raw(operation);
    out.raw("\",\"collection\":\"").raw(collection).raw("\",\"rkey\":\"");
  }

  private void end(Runnable record) {
    out.raw("\",\"record\":");
    record.run();
    out.raw(",\"cid\":\"");
    ids.cid(random);
    out.raw("\"}");
  }

  private void identity(int author, long n, long timeUs) {
    out.raw("identity\",\"identity\":{\"did\":\"");
    ids.did(author);
    if (random.percent(40)) {
      out.raw("\",\"handle\":\"").raw(Names.handle(author));
    }
    sequenced(n, timeUs);
  }

  private void account(int author, long n, long timeUs) {
    boolean active = random.percent(70);
    out.raw("account\",\"account\":{\"active\":").raw(active ? "true" : "false");
    out.raw(",\"did\":\"");
    ids.did(author);
    sequenced(n, timeUs, active ? "" : "\"status\":\"" + Names.status(random.below(4)) + "\",");
  }

  private void sequenced(long n, long timeUs) {
    sequenced(n, timeUs, "");
  }

  private void sequenced(long n, long timeUs, String status) {
    out.raw("\",\"seq\":").decimal(30_000_000_000L + n).raw(",").raw(status).raw("\"time\":\"");
    timestamp(timeUs - random.below(500_000));
    out.raw("\"}");
  }

  /// RFC 3339 in UTC with milliseconds.
  private void timestamp(long micros) {
    long day = Math.floorDiv(micros, DAY_US);
    if (day != lastDay) {
      lastDay = day;
      lastDate = LocalDate.ofEpochDay(day).toString();
    }
    int millis = (int) (Math.floorMod(micros, DAY_US) / 1_000);
    out.raw(lastDate).raw("T").padded(millis / 3_600_000, 2);
    out.raw(":").padded(millis / 60_000 % 60, 2).raw(":").padded(millis / 1_000 % 60, 2);
    out.raw(".").padded(millis % 1_000, 3).raw("Z");
  }
}
