package dev.millrace.signals.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.signals.control.Fixture;
import dev.millrace.signals.sample.SampleFormat;
import dev.millrace.testkit.node.NodeHarness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is read of WAV files, sound and broken ones.
class WavTest extends WavFiles {
  @ParameterizedTest
  @EnumSource(SampleFormat.class)
  void whatIsWrittenIsReadAsExactlyAsTheEncodingHolds(SampleFormat encoding) throws Exception {
    var random = new Random(3);
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < 5; i++) {
      var channels = new HashMap<String, double[]>();
      for (int c = 0; c < 11; c++) { // ch10 stands behind ch9
        channels.put("ch" + c, random.doubles(100, -1, 1).toArray());
      }
      frames.add(Fixture.frame(i, channels));
    }
    write("{path: a.wav, format: " + encoding + ", sample_rate: 8000}", frames);
    double step =
        switch (encoding) {
          case U8 -> 1.0 / 128;
          case I16 -> 1.0 / 32_768;
          case I24 -> 1.0 / 8_388_608;
          case I32 -> 1.0 / 2_147_483_648.0;
          case F32 -> 1e-7;
          case F64 -> 1e-300;
        };
    var back = read("{path: a.wav, frame_size: 100}", 0);
    assertThat(back).hasSize(5);
    for (int i = 0; i < 5; i++) {
      var samples = (Samples) back.get(i).body();
      assertThat(back.get(i).sequence()).isEqualTo(i);
      assertThat(back.get(i).timestampMicros()).isEqualTo(i * 12_500L);
      assertThat(back.get(i).metadata().entries()).isEqualTo(Map.of("sample_rate", "8000"));
      for (int c = 0; c < 11; c++) {
        var wanted = ((Samples) frames.get(i).body()).channel("ch" + c);
        assertThat(samples.channel("ch" + c)).containsExactly(wanted, within(step));
      }
    }
  }

  @Test
  void wholeNumbersAreSharesOfFullScaleAndOthersAreClipped() throws Exception {
    var loud = Fixture.frame(0, "a", 0.5, -1, 2, -2, 1, Double.NaN, 0.99999);
    write("{path: a.wav, format: i16}", List.of(loud));
    var bytes = Files.readAllBytes(directory.resolve("a.wav"));
    var data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes).hasSize(44 + 14);
    var values = new ArrayList<Integer>();
    for (int at = 44; at < bytes.length; at += 2) {
      values.add((int) data.getShort(at));
    }
    assertThat(values).containsExactly(16_384, -32_768, 32_767, -32_768, 32_767, 0, 32_767);
    write("{path: b.wav, format: u8}", List.of(loud));
    assertThat(Files.readAllBytes(directory.resolve("b.wav")))
        .endsWith(new byte[] {(byte) 192, 0, (byte) 255, 0, (byte) 255, (byte) 128, (byte) 255, 0});
  }

  @Test
  void aSourceOfManyChannelsTakesItsArraysFromThePool() throws Exception {
    var channels = new HashMap<String, double[]>();
    for (int c = 0; c < 200; c++) {
      channels.put("ch" + c, new double[] {c, -c, c, -c});
    }
    write("{path: a.wav, format: f64}", List.of(Fixture.frame(0, channels)));
    try (var context = context();
        var run = NodeHarness.open(source("{path: a.wav, frame_size: 2}"), context)) {
      run.pollUntil(2, 1);
      assertThat(run.outputs()).hasSize(2);
      for (var frame : run.outputs()) {
        for (int c = 0; c < 200; c++) {
          assertThat(((Samples) frame.body()).channel("ch" + c)).containsExactly(c, -c);
        }
      }
      assertThat(context.samples().made()).isPositive();
    }
  }

  @Test
  void aFileWhoseWriterWasKilledBeforeItSaidTheSizesIsRead() throws Exception {
    write("{path: a.wav, format: i16}", List.of(Fixture.frame(0, "a", 0.5, -0.5, 0.25)));
    try (var file = new RandomAccessFile(directory.resolve("a.wav").toFile(), "rw")) {
      file.seek(4);
      file.write(new byte[] {36, 0, 0, 0});
      file.seek(40);
      file.write(new byte[4]);
    }
    try (var context = context();
        var run = NodeHarness.open(source("{path: a.wav}"), context)) {
      run.pollUntil(1, 1);
      assertThat(((Samples) run.outputs().getFirst().body()).channel("ch0"))
          .containsExactly(0.5, -0.5, 0.25);
    }
  }

  @Test
  void aFileThatBecomesShorterIsNamedInTheFailure() throws Exception {
    write("{path: a.wav}", List.of(Fixture.frame(0, "a", new double[100])));
    try (var context = context();
        var run = NodeHarness.open(source("{path: a.wav, frame_size: 10}"), context);
        var file = new RandomAccessFile(directory.resolve("a.wav").toFile(), "rw")) {
      file.setLength(60);
      assertThatThrownBy(() -> run.poll(10)).hasMessageContaining("a.wav has become shorter");
    }
  }

  @Test
  void extensibleHeadersUnknownOddChunksAndShortLastFramesAreRead() throws Exception {
    var format =
        chunk(
            "fmt ",
            ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 0xFFFE)
                .putShort((short) 2)
                .putInt(44_100)
                .putInt(44_100 * 4)
                .putShort((short) 4)
                .putShort((short) 16)
                .putShort((short) 22)
                .putShort((short) 16)
                .putInt(3)
                .putShort((short) 1)
                .array());
    var samples = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : new int[] {16_384, -16_384, 0, 32_767, -32_768, 1}) {
      samples.putShort((short) value);
    }
    riff(
        "RIFF",
        chunk("LIST", new byte[7]),
        format,
        chunk("odd ", new byte[1]),
        chunk("data", samples.array()),
        chunk("tail", new byte[3]));
    var frames = read("{path: a.wav, frame_size: 2}", 0);
    assertThat(frames).hasSize(2);
    assertThat(((Samples) frames.getFirst().body()).channel("ch0")).containsExactly(0.5, 0);
    assertThat(((Samples) frames.getFirst().body()).channel("ch1"))
        .containsExactly(-0.5, 32_767 / 32_768.0);
    assertThat(((Samples) frames.getLast().body()).channel("ch0")).containsExactly(-1);
  }

  @Test
  void truncatedSamplesAreReadAsFarAsTheyGoWithAWarning() throws Exception {
    write("{path: a.wav, format: i24}", List.of(Fixture.frame(0, "a", new double[100])));
    var bytes = Files.readAllBytes(directory.resolve("a.wav"));
    Files.write(directory.resolve("a.wav"), java.util.Arrays.copyOf(bytes, 44 + 100));
    var frames = read("{path: a.wav}", 1);
    assertThat(((Samples) frames.getFirst().body()).channel("ch0")).hasSize(33);
  }

  @Test
  void aSmallRf64FileAndOneOfAWriterThatDidNotKnowTheSizeAreRead() throws Exception {
    var format = chunk("fmt ", format(3, 1, 32));
    var sizes =
        ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN).putLong(0).putLong(8).putLong(2);
    var data = chunk("data", new byte[8]);
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(4, -1);
    riff("RF64", chunk("ds64", sizes.array()), format, data, new byte[5]);
    assertThat(((Samples) read("{path: a.wav}", 0).getFirst().body()).channel("ch0")).hasSize(2);
    riff("RIFF", format, data);
    assertThat(((Samples) read("{path: a.wav}", 0).getFirst().body()).channel("ch0")).hasSize(2);
  }

  @Test
  void whatIsNoWavFileIsAProblemThatSaysWhy() throws Exception {
    var data = chunk("data", new byte[8]);
    Files.writeString(directory.resolve("a.wav"), "RIFF");
    assertProblem("is not a WAV file");
    riff("RIFX", data);
    assertProblem("is not a WAV file");
    riff("RIFF", data);
    assertProblem("says nothing of its format");
    riff("RIFF", chunk("fmt ", format(1, 1, 16)));
    assertProblem("has no samples");
    riff("RIFF", chunk("fmt ", new byte[4]), data);
    assertProblem("cut short");
    riff("RIFF", chunk("fmt ", format(2, 1, 4)), data);
    assertProblem("format 2 with 4 bits");
    riff("RIFF", chunk("fmt ", format(1, 0, 16)), data);
    assertProblem("0 channels");
    var blocks = format(1, 2, 16);
    blocks[12] = 3;
    riff("RIFF", chunk("fmt ", blocks), data);
    assertProblem("blocks of 3 bytes");
  }

  @Test
  void aSourceGoesOnBehindItsPosition() throws Exception {
    write("{path: a.wav}", List.of(Fixture.frame(0, "a", new double[95])));
    NodeHarness.source(() -> source("{path: a.wav, frame_size: 2}"))
        .contexts(this::context)
        .check();
    byte[] state;
    var first = source("{path: a.wav, frame_size: 10}");
    try (var context = context();
        var run = NodeHarness.open(first, context)) {
      assertThat(first.position()).isNull();
      run.pollUntil(3, 1);
      state = Fixture.saved(first);
    }
    var second = source("{path: a.wav, frame_size: 10}");
    try (var context = context();
        var run = NodeHarness.open(second, context)) {
      Fixture.restore(second, state);
      run.pollUntil(100, 64);
      assertThat(run.outputs()).hasSize(7);
      assertThat(run.outputs().getFirst().sequence()).isEqualTo(3);
    }
    var other = source("{path: a.wav, frame_size: 11}");
    try (var context = context();
        var _ = NodeHarness.open(other, context)) {
      assertThatThrownBy(() -> Fixture.restore(other, state)).isInstanceOf(IOException.class);
    }
  }

  @FuzzTest
  void anyBytesAreAWavFileOrAProblem(byte[] input) throws Exception {
    parse(input, "fuzzed");
  }

  @Test
  void mutatedFilesAreWavFilesOrProblems() throws Exception {
    var random = new Random(5);
    riff(
        "RF64",
        chunk("ds64", new byte[28]),
        chunk("fmt ", format(1, 2, 16)),
        chunk("data", new byte[64]));
    var sound = Files.readAllBytes(directory.resolve("a.wav"));
    for (int i = 0; i < 3_000; i++) {
      var bytes = java.util.Arrays.copyOf(sound, 1 + random.nextInt(sound.length));
      for (int change = random.nextInt(5); change > 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      if (random.nextBoolean()) {
        bytes[Math.min(3, bytes.length - 1)] = '4';
      }
      parse(bytes, "seed 5, input " + i);
    }
  }

  private void riff(String id, byte[]... chunks) throws IOException {
    var out = new ByteArrayOutputStream();
    for (var chunk : chunks) {
      out.write(chunk);
    }
    var all = out.toByteArray();
    var head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    head.put(id.getBytes(StandardCharsets.US_ASCII)).putInt(all.length + 4);
    head.put("WAVE".getBytes(StandardCharsets.US_ASCII));
    Files.write(
        directory.resolve("a.wav"),
        ByteBuffer.allocate(12 + all.length).put(head.array()).put(all).array());
  }

  private static byte[] chunk(String id, byte[] content) {
    return ByteBuffer.allocate(8 + content.length + (content.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(id.getBytes(StandardCharsets.US_ASCII))
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static byte[] format(int tag, int channels, int bits) {
    int block = channels * bits / 8;
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) tag)
        .putShort((short) channels)
        .putInt(48_000)
        .putInt(48_000 * block)
        .putShort((short) block)
        .putShort((short) bits)
        .array();
  }

  private void assertProblem(String what) throws Exception {
    try (var context = context()) {
      assertThatThrownBy(() -> source("{path: a.wav}").open(context))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining(what);
    }
  }

  private void parse(byte[] input, String where) throws Exception {
    Files.write(directory.resolve("a.wav"), input);
    try (var context = context();
        var run = NodeHarness.open(source("{path: a.wav, frame_size: 4}"), context)) {
      run.pollUntil(1_000, 64);
      assertThat(run.done()).as(where).isTrue();
    } catch (ProblemException problem) {
      assertThat(problem.problem().code()).as(where).isEqualTo("E_FILE");
    }
  }
}
