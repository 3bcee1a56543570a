package dev.millrace.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdWindowTest {
  private static final String[] PIECES = {
    "a",
    "Z",
    "0",
    "-",
    "\0",
    "\u007f",
    "\u0080",
    "ü",
    "ß",
    "\u07ff",
    "\u0800",
    "€",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "😀",
    "\udbff\udfff",
    "\ud83d",
    "\ude00"
  };

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 100, 1_000, 16_384, 16_385, 20_000})
  void theOldestIsForgottenFirst(int capacity) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var window = new IdWindow(capacity);
    var model = new LinkedHashSet<String>();
    int ids = 10 + capacity + capacity / 2;
    for (int i = 0; i < 20_000 + 5 * capacity; i++) {
      var id = "id" + random.nextInt(ids);
      boolean fresh = capacity == 0 || model.add(id);
      assertThat(random.nextBoolean() ? window.add(id) : add(window, id))
          .as("seed %d, capacity %d, round %d", seed, capacity, i)
          .isEqualTo(fresh);
      if (model.size() > capacity) {
        model.removeFirst();
      }
    }
  }

  @Test
  void idsAreStillFoundWhenTheirNumbersHaveOverflowed() {
    var window = new IdWindow(1_000);
    for (int i = 0; i < 200_000; i++) {
      assertThat(window.add("id" + i)).as("id %d", i).isTrue();
      if (i >= 1_000) {
        assertThat(window.add("id" + (i - i % 1_000))).as("id %d", i - i % 1_000).isFalse();
        assertThat(window.add("id" + (i - 999))).as("id %d", i - 999).isFalse();
      }
    }
    assertThat(window.add("id198999")).isTrue();
  }

  @Test
  void anIdIsTheSameAsATextAndAsBytes() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      var id = id(random);
      assertThat(IdPrint.of(id))
          .as("seed %d, round %d: %s", seed, i, Arrays.toString(id.toCharArray()))
          .isEqualTo(print(id));
    }
  }

  @Test
  void everyCharacterIsTheSameAsATextAndAsBytes() {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      for (var id : new String[] {"" + (char) c, "1234567" + (char) c, (char) c + "12345678"}) {
        assertThat(IdPrint.of(id)).as("character %d", c).isEqualTo(print(id));
      }
    }
  }

  @Test
  void whatStandsAroundAnIdDoesNotCount() {
    var bytes = "\"0123456789\"".getBytes(UTF_8);
    assertThat(IdPrint.of(bytes, 1, 11)).isEqualTo(IdPrint.of("0123456789"));
    assertThat(IdPrint.of(bytes, 1, 1)).isEqualTo(IdPrint.of(""));
  }

  @Test
  void idsThatAreNearlyTheSameHavePrintsOfTheirOwn() {
    var prints = new HashSet<Long>();
    int ids = 0;
    for (int length = 0; length < 40; length++) {
      for (int at = 0; at <= length; at++) {
        var id = "\0".repeat(at) + (at < length ? "\u0001" + "\0".repeat(length - at - 1) : "");
        prints.add(IdPrint.of(id));
        ids++;
      }
    }
    for (int i = 0; i < 20_000; i++) {
      prints.add(IdPrint.of("client-7-" + i));
      ids++;
    }
    assertThat(prints).hasSize(ids);
  }

  @Test
  void nothingIsAllocatedForAnId() {
    var window = new IdWindow(100);
    var random = new Random(1);
    var ids = new String[1_000];
    var bytes = new byte[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i + id(random);
      bytes[i] = ids[i].getBytes(UTF_8);
    }
    addAll(window, ids, bytes);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int fresh = addAll(window, ids, bytes);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(fresh).isEqualTo(ids.length);
    assertThat(allocated).isLessThan(1_000);
  }

  private static int addAll(IdWindow window, String[] ids, byte[][] bytes) {
    int fresh = 0;
    for (int i = 0; i < ids.length; i++) {
      fresh += window.add(ids[i]) ? 1 : 0;
      fresh += window.add(bytes[i], 0, bytes[i].length) ? 1 : 0;
    }
    return fresh;
  }

  /// Up to forty characters, mostly ASCII, in some of them halves of pairs.
  private static String id(Random random) {
    var id = new StringBuilder();
    boolean ascii = random.nextBoolean();
    for (int i = random.nextInt(41); i > 0; i--) {
      id.append(
          ascii || random.nextInt(4) > 0
              ? Character.toString(' ' + random.nextInt(95))
              : PIECES[random.nextInt(PIECES.length)]);
    }
    return id.toString();
  }

  private static boolean add(IdWindow window, String id) {
    var bytes = id.getBytes(UTF_8);
    return window.add(bytes, 0, bytes.length);
  }

  private static long print(String id) {
    var bytes = id.getBytes(UTF_8);
    return IdPrint.of(bytes, 0, bytes.length);
  }
}
