package dev.millrace.net.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.net.MemoryBudget;
import dev.millrace.net.RawPeer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
  private static final int MAX_MESSAGE = 2_000;

  /// Without leak detection, which is slow; the tests look at the budget.
  private static final UnpooledByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(false, true);

  /// So short that messages of the tests are longer too.
  private static final ByteBuf SHORT = Unpooled.wrappedBuffer(new byte[100]);

  private final MemoryBudget budget = new MemoryBudget(1 << 20);

  /// Writes down what comes.
  private static final class Notes implements FrameDecoder.Sink {
    final List<String> heard = new ArrayList<>();

    @Override
    public void message(boolean text, ByteBuf payload) {
      heard.add((text ? "text " : "binary ") + ByteBufUtil.hexDump(payload));
    }

    @Override
    public void control(int opcode, ByteBuf payload) {
      heard.add(opcode + " " + ByteBufUtil.hexDump(payload));
    }

    @Override
    public boolean stopped() {
      return false;
    }
  }

  @Test
  void readsTheExamplesOfTheRfc() {
    // RFC 6455, section 5.7
    assertThat(heard(false, "810548656c6c6f")).containsExactly("text 48656c6c6f");
    assertThat(heard(true, "818537fa213d7f9f4d5158")).containsExactly("text 48656c6c6f");
    assertThat(heard(false, "010348656c80026c6f")).containsExactly("text 48656c6c6f");
    assertThat(heard(false, "890548656c6c6f")).containsExactly("9 48656c6c6f");
    assertThat(heard(true, "8a8537fa213d7f9f4d5158")).containsExactly("10 48656c6c6f");
    assertThat(heard(false, "827e0100" + "ab".repeat(256)))
        .containsExactly("binary " + "ab".repeat(256));
  }

  @Test
  void takesControlFramesBetweenFragments() {
    assertThat(heard(false, "010161" + "890170" + "000162" + "8a00" + "800163"))
        .containsExactly("9 70", "10 ", "text 616263");
  }

  @Test
  void namesEveryBreachOfTheProtocol() {
    assertThat(violation(false, "c100")).isEqualTo(Violation.RESERVED_BITS);
    assertThat(violation(false, "a100")).isEqualTo(Violation.RESERVED_BITS);
    assertThat(violation(false, "8300")).isEqualTo(Violation.RESERVED_OPCODE);
    assertThat(violation(false, "8b00")).isEqualTo(Violation.RESERVED_OPCODE);
    assertThat(violation(true, "8100")).isEqualTo(Violation.NOT_MASKED);
    assertThat(violation(false, "818000000000")).isEqualTo(Violation.MASKED);
    assertThat(violation(false, "0900")).isEqualTo(Violation.CONTROL_FRAGMENTED);
    assertThat(violation(false, "897e007e")).isEqualTo(Violation.CONTROL_TOO_LONG);
    assertThat(violation(false, "8000")).isEqualTo(Violation.NOTHING_TO_CONTINUE);
    assertThat(violation(false, "01000100")).isEqualTo(Violation.MESSAGE_UNFINISHED);
    assertThat(violation(false, "817e0001")).isEqualTo(Violation.LENGTH_NOT_MINIMAL);
    assertThat(violation(false, "817f0000000000000080")).isEqualTo(Violation.LENGTH_NOT_MINIMAL);
    assertThat(violation(false, "817fffffffffffffffff")).isEqualTo(Violation.LENGTH_NEGATIVE);
    assertThat(violation(false, "817f0000000100000000")).isEqualTo(Violation.MESSAGE_TOO_BIG);
    assertThat(violation(false, "8102c328")).isEqualTo(Violation.TEXT_NOT_UTF8);
    assertThat(violation(false, "8101c3")).isEqualTo(Violation.TEXT_NOT_UTF8);
    assertThat(violation(false, "0101c38000")).isEqualTo(Violation.TEXT_NOT_UTF8);
  }

  @Test
  void failsOnBrokenTextBeforeTheFrameIsWhole() {
    assertThat(violation(false, "81649090")).isEqualTo(Violation.TEXT_NOT_UTF8);
  }

  @Test
  void countsFragmentsTogetherAgainstTheLimit() {
    assertThat(violation(false, "027e07d0" + "00".repeat(2_000) + "800100"))
        .isEqualTo(Violation.MESSAGE_TOO_BIG);
    assertThat(heard(false, "027e07d0" + "00".repeat(2_000) + "8000")).hasSize(1);
  }

  @Test
  void givesUpWhenTheSharedBudgetIsSpent() {
    var tight = new MemoryBudget(600);
    var decoder = new FrameDecoder(BUFFERS, tight, MAX_MESSAGE, false, SHORT);
    var read = bytes("027e05dc" + "00".repeat(700));
    assertThat(decoder.decode(read, new Notes())).isEqualTo(Violation.INPUT_MEMORY);
    decoder.dispose();
    read.release();
    assertThat(tight.usedBytes()).isZero();
  }

  @Test
  void holdsNoMoreThanWhatHasCome() {
    var decoder = decoder(false);
    var read = bytes("827e07d0" + "00".repeat(10));
    assertThat(decoder.decode(read, new Notes())).isNull();
    read.release();
    assertThat(budget.usedBytes()).isLessThanOrEqualTo(512);
    decoder.dispose();
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void hearsTheSameHoweverTheStreamIsCut() {
    long seed = 4_711;
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      boolean masked = random.nextBoolean();
      var expected = new ArrayList<String>();
      var stream = stream(random, masked, expected);
      assertThat(heardInPieces(masked, stream, random).heard)
          .as("seed %s round %s", seed, round)
          .isEqualTo(expected);
      assertThat(budget.usedBytes()).isZero();
    }
  }

  @Test
  void survivesThousandsOfMutatedStreams() {
    long seed = 99;
    var random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      var stream = stream(random, true, new ArrayList<>());
      for (int flips = 1 + random.nextInt(4); flips > 0 && stream.length > 0; flips--) {
        stream[random.nextInt(stream.length)] = (byte) random.nextInt();
      }
      heardInPieces(true, stream, random);
      assertThat(budget.usedBytes()).as("seed %s round %s", seed, round).isZero();
    }
  }

  @FuzzTest
  void survivesAnyBytes(byte[] stream) {
    heardInPieces(stream.length % 2 == 0, stream, new Random(stream.length));
    assertThat(budget.usedBytes()).isZero();
  }

  private Notes heardInPieces(boolean masked, byte[] stream, Random random) {
    var decoder = decoder(masked);
    var notes = new Notes();
    @Nullable Violation violation = null;
    for (int at = 0; at < stream.length && violation == null; ) {
      int bytes = Math.min(stream.length - at, 1 + random.nextInt(random.nextBoolean() ? 5 : 900));
      var read = BUFFERS.buffer(bytes).writeBytes(stream, at, bytes);
      violation = decoder.decode(read, notes);
      read.release();
      at += bytes;
    }
    decoder.dispose();
    return notes;
  }

  /// A sound stream of frames; what must be heard of it goes to `expected`.
  private static byte[] stream(Random random, boolean masked, List<String> expected) {
    var out = new ByteArrayOutputStream();
    for (int messages = random.nextInt(6); messages > 0; messages--) {
      boolean text = random.nextBoolean();
      var payload = payload(random, text);
      int first = text ? Frames.TEXT : Frames.BINARY;
      int at = 0;
      while (random.nextInt(3) == 0 && at < payload.length) {
        int bytes = random.nextInt(payload.length - at);
        frame(out, masked, first, java.util.Arrays.copyOfRange(payload, at, at + bytes));
        first = Frames.CONTINUATION;
        at += bytes;
        if (random.nextBoolean()) {
          var ping = new byte[random.nextInt(126)];
          frame(out, masked, Frames.FIN | Frames.PING, ping);
          expected.add("9 " + HexFormat.of().formatHex(ping));
        }
      }
      frame(
          out,
          masked,
          Frames.FIN | first,
          java.util.Arrays.copyOfRange(payload, at, payload.length));
      expected.add((text ? "text " : "binary ") + HexFormat.of().formatHex(payload));
    }
    return out.toByteArray();
  }

  private static byte[] payload(Random random, boolean text) {
    if (text) {
      return "aé漢\uD83D\uDE00 ".repeat(random.nextInt(150)).getBytes(StandardCharsets.UTF_8);
    }
    var bytes =
        new byte[random.nextInt(3) == 0 ? random.nextInt(MAX_MESSAGE) : random.nextInt(130)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void frame(ByteArrayOutputStream out, boolean masked, int first, byte[] payload) {
    if (masked) {
      out.writeBytes(RawPeer.masked(first, payload));
    } else {
      var header = Unpooled.buffer();
      Frames.writeHeader(header, first, 0, payload.length);
      out.writeBytes(ByteBufUtil.getBytes(header));
      out.writeBytes(payload);
    }
  }

  private FrameDecoder decoder(boolean fromClient) {
    return new FrameDecoder(BUFFERS, budget, MAX_MESSAGE, fromClient, SHORT);
  }

  private List<String> heard(boolean fromClient, String hex) {
    var notes = new Notes();
    var read = bytes(hex);
    assertThat(decoder(fromClient).decode(read, notes)).isNull();
    read.release();
    return notes.heard;
  }

  private @Nullable Violation violation(boolean fromClient, String hex) {
    var read = bytes(hex);
    var decoder = decoder(fromClient);
    var violation = decoder.decode(read, new Notes());
    decoder.dispose();
    read.release();
    return violation;
  }

  private static ByteBuf bytes(String hex) {
    return BUFFERS.buffer().writeBytes(HexFormat.of().parseHex(hex));
  }
}
