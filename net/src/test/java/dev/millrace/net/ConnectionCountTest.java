package dev.millrace.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.net.ConnectionCount.Verdict;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectionCountTest {
  private static final int ANY = 1_000;

  private final ConnectionCount count = new ConnectionCount();

  @Test
  void agreesWithANaiveModelOverARandomWalk() throws Exception {
    long seed = 23;
    var random = new Random(seed);
    var model = new HashMap<InetAddress, Integer>();
    var open = new ArrayList<InetAddress>();
    int limit = 20;
    int perAddress = 4;
    for (int step = 0; step < 20_000; step++) {
      var at = "seed %s step %s".formatted(seed, step);
      if (step == 10_000) {
        limit = 12;
        perAddress = 0;
      }
      if (random.nextInt(5) < 3) {
        var address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) random.nextInt(8)});
        var expected =
            open.size() >= limit
                ? Verdict.OVER_LIMIT
                : perAddress > 0 && model.getOrDefault(address, 0) >= perAddress
                    ? Verdict.OVER_LIMIT_OF_ADDRESS
                    : Verdict.ADMITTED;
        assertThat(count.admit(address, limit, perAddress)).as(at).isEqualTo(expected);
        if (expected == Verdict.ADMITTED) {
          open.add(address);
          model.merge(address, 1, Integer::sum);
        }
      } else if (!open.isEmpty()) {
        var left = open.remove(random.nextInt(open.size()));
        count.leave(left);
        model.computeIfPresent(left, (same, many) -> many == 1 ? null : many - 1);
      }
      assertThat(count.open()).as(at).isEqualTo(open.size());
      assertThat(count.addresses()).as(at).isEqualTo(model.size());
    }
  }

  @Test
  void whoHasNoAddressCountsInAllOnly() {
    assertThat(count.admit(null, ANY, 1)).isEqualTo(Verdict.ADMITTED);
    assertThat(count.admit(null, ANY, 1)).isEqualTo(Verdict.ADMITTED);
    count.leave(null);
    assertThat(count.open()).isEqualTo(1);
    assertThat(count.addresses()).isZero();
  }

  @Test
  void addressesOfOneNetworkOfIpv6CountAsOne() {
    var here = InetAddress.ofLiteral("2001:db8:1:2::1");
    var beside = InetAddress.ofLiteral("2001:db8:1:2:ffff::9");
    var elsewhere = InetAddress.ofLiteral("2001:db8:1:3::1");
    assertThat(count.admit(here, ANY, 2)).isEqualTo(Verdict.ADMITTED);
    assertThat(count.admit(beside, ANY, 2)).isEqualTo(Verdict.ADMITTED);
    assertThat(count.admit(here, ANY, 2)).isEqualTo(Verdict.OVER_LIMIT_OF_ADDRESS);
    assertThat(count.admit(elsewhere, ANY, 2)).isEqualTo(Verdict.ADMITTED);
    assertThat(count.addresses()).isEqualTo(2);
    count.leave(beside);
    assertThat(count.admit(here, ANY, 2)).isEqualTo(Verdict.ADMITTED);
  }
}
