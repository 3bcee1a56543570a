package dev.millrace.connect.simulated;

import java.nio.charset.StandardCharsets;

/// Writes the network's identifiers: accounts (`did:plc`), record keys and revisions (TID), content
/// hashes (CIDv1), and the references made of them. Confined to one thread.
final class Identifiers {
  private static final byte[] DID_PLC = ascii("did:plc:");
  private static final byte[] DAG_CBOR = ascii("bafyrei");
  private static final byte[] RAW = ascii("bafkrei");

  private final long seed;
  private final int accounts;
  private final WireBuffer out;

  Identifiers(long seed, int accounts, WireBuffer out) {
    this.seed = seed;
    this.accounts = accounts;
    this.out = out;
  }

  /// An account that acts: few write much, most write little.
  int author(CounterRandom random) {
    double u = random.fraction();
    return (int) (accounts * u * u * u);
  }

  /// An account that others look at: attention is spread far less evenly still.
  int celebrity(CounterRandom random) {
    double u = random.fraction();
    return (int) (accounts * Math.pow(u, 6));
  }

  Identifiers did(int account) {
    long high = CounterRandom.mix(seed * 31 + account);
    long low = CounterRandom.mix(high + 0x632BE59BD9B4E019L);
    out.raw(DID_PLC).base32(high, 12).base32(low, 12);
    return this;
  }

  /// A record key or revision: 53 bits of microseconds and 10 of clock number, base32 in sortable
  /// order. Source: AT Protocol, TID.
  Identifiers tid(long micros, int clock) {
    long value = (micros & ((1L << 53) - 1)) << 10 | (clock & 1_023);
    out.sortable(value >>> 60, 1).sortable(value, 12);
    return this;
  }

  /// The hash of a record.
  Identifiers cid(CounterRandom random) {
    return hash(DAG_CBOR, random);
  }

  /// The hash of a blob, such as an image.
  Identifiers blobCid(CounterRandom random) {
    return hash(RAW, random);
  }

  private Identifiers hash(byte[] prefix, CounterRandom random) {
    // 256 bits behind the prefix: 3 + 50 × 5 + 3, the last three padded with two zeros.
    out.raw(prefix).base32(random.next() & 7, 1);
    for (int i = 0; i < 4; i++) {
      out.base32(random.next(), 12);
    }
    long last = random.next();
    out.base32(last, 2).base32((last >>> 10 & 7) << 2, 1);
    return this;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
