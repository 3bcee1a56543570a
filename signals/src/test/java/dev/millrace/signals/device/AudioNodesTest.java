package dev.millrace.signals.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import dev.millrace.core.node.Processor;
import dev.millrace.signals.process.Holding;
import dev.millrace.signals.process.Nodes;
import dev.millrace.signals.sample.SampleFormat;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AudioNodesTest {
  private static final String DEVICE = "{\"device_profile_id\": \"mic\"}";

  private final DeviceManager manager = new DeviceManager(2);
  private final SimulatedDevice device = SimulatedDevice.of("mic", 3);
  private final NodeCatalogue catalogue = new NodeCatalogue(DeviceTypes.of(manager));
  private final TestNodeContext context = new TestNodeContext();

  @BeforeEach
  void start() {
    manager.register(device);
    manager.start();
  }

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void everyTypeIsFoundByItsNamesAndShownInItsCategory() {
    for (var name : List.of("AudioSourceNode", "audiosourcenode", "audio_source", "AudioSource")) {
      shown(name, "Audio Source", Palette.Category.SOURCES, DataType.AUDIO_FRAME);
    }
    for (var name : List.of("AudioInputNode", "AudioInput", "audioinputnode")) {
      shown(name, "Audio Input", Palette.Category.SOURCES, DataType.AUDIO_FRAME);
    }
    for (var name : List.of("AudioOutputNode", "AudioOutput", "audiooutputnode")) {
      shown(name, "Audio Output", Palette.Category.SINKS, null);
    }
    shown("RingFileSink", "Ring File", Palette.Category.SINKS, null);
  }

  @Test
  void keepTheContractOfANode() throws Exception {
    var triggers = LongStream.range(0, 100).mapToObj(i -> Frame.trigger(i, i)).toList();
    for (var name : List.of("AudioSource", "AudioInput")) {
      NodeHarness.processor(() -> node(name, "{}")).inputs(triggers).ownSequences().check();
    }
    var frames = LongStream.range(0, 100).mapToObj(i -> Nodes.frame(i, "ch0", i / 100.0)).toList();
    NodeHarness.processor(() -> node("AudioOutput", "{}")).inputs(frames).check();
    manager.shutdown();
    NodeHarness.processor(() -> node("AudioOutput", DEVICE)).inputs(frames).check();
  }

  @Test
  void withoutADeviceASourceIsSilentAndCountsFromOne() throws Exception {
    var node = opened("AudioSource", "{\"buffer_size\": 64, \"num_channels\": 8}");
    for (int i = 1; i <= 3; i++) {
      var made = one(node, Frame.trigger(70 + i, 900));
      assertThat(made.sequence()).isEqualTo(i);
      assertThat(made.timestampMicros()).isEqualTo(70 + i);
      assertThat(made.body())
          .isInstanceOfSatisfying(Samples.class, samples -> assertThat(samples.count()).isOne());
      assertThat(Nodes.channel(made, "main_channel")).hasSize(64).containsOnly(0);
      assertThat(made.metadata().entries()).isEqualTo(Map.of("sample_rate", "48000"));
    }
  }

  @Test
  void packetsOfASourceAreFramesThatCountFromZero() throws Exception {
    var node = opened("AudioSource", DEVICE);
    byte[] data = {0, 0, 0, 0x40, 0, (byte) 0x80, (byte) 0xFF, 0x7F};
    device.feed(pcm(SampleFormat.I16, 8_000, 2, data, OptionalLong.of(5_000_999)));
    device.feed(pcm(SampleFormat.I16, 8_000, 2, data, OptionalLong.empty()));

    var first = one(node, Frame.trigger(1, 1));
    var second = one(node, Frame.trigger(1, 2));
    var silent = one(node, Frame.trigger(1, 3));

    assertThat(first.sequence()).isZero();
    assertThat(first.timestampMicros()).as("nanoseconds become microseconds").isEqualTo(5_000);
    assertThat(Nodes.channel(first, "ch0")).containsExactly(0, -1);
    assertThat(Nodes.channel(first, "ch1")).containsExactly(0.5, 32_767 / 32_768.0);
    assertThat(first.metadata().entries()).isEqualTo(Map.of("sample_rate", "8000"));
    assertThat(second.sequence()).isEqualTo(1);
    assertThat(second.timestampMicros()).as("1 packet of 2 samples at 8000 Hz").isEqualTo(250);
    assertThat(silent.sequence()).as("never less than before").isEqualTo(3);
  }

  @Test
  void anInputWithoutAPacketGivesAnEmptyFrameAndCountsOn() throws Exception {
    var node = opened("AudioInput", DEVICE);
    assertThat(one(node, Frame.trigger(44, 7))).isEqualTo(Frame.trigger(0, 1));
    device.feed(pcm(SampleFormat.U8, 1_000, 1, new byte[10], OptionalLong.empty()));
    device.feed(pcm(SampleFormat.U8, 1_000, 1, new byte[10], OptionalLong.empty()));
    var first = one(node, Frame.trigger(0, 8));
    assertThat(first.sequence()).isEqualTo(2);
    assertThat(first.timestampMicros()).isZero();
    assertThat(Nodes.channel(first, "ch0")).hasSize(10).containsOnly(-1);
    assertThat(one(node, Frame.trigger(0, 9)).timestampMicros()).isEqualTo(10_000);
    assertThat(one(node, Frame.trigger(0, 10))).isEqualTo(Frame.trigger(0, 4));
  }

  @Test
  void aTimestampWithoutAClockIsExactAfterYears() throws Exception {
    var node = opened("AudioInput", DEVICE);
    Nodes.restore(node, state(5, 2_000_000_000_000L));
    device.feed(pcm(SampleFormat.U8, 44_100, 1, new byte[1_024], OptionalLong.empty()));
    assertThat(one(node, Frame.trigger(0, 0)).timestampMicros())
        .isEqualTo(
            java.math.BigInteger.valueOf(2_000_000_000_000L * 1_024)
                .multiply(java.math.BigInteger.valueOf(1_000_000))
                .divide(java.math.BigInteger.valueOf(44_100))
                .longValueExact());
  }

  @Test
  void countersContinueFromACheckpoint() throws Exception {
    for (var name : List.of("AudioSource", "AudioInput")) {
      var node = opened(name, "{}");
      one(node, Frame.trigger(0, 0));
      one(node, Frame.trigger(0, 0));
      var later = opened(name, "{}");
      Nodes.restore(later, Nodes.saved(node));
      assertThat(one(later, Frame.trigger(0, 0)).sequence()).isEqualTo(3);
      assertThatThrownBy(() -> Nodes.restore(later, new byte[] {7}))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void moreThanTenChannelsKeepTheirNumbers() throws Exception {
    var node = opened("AudioInput", DEVICE);
    var data = new byte[24];
    for (int i = 0; i < 24; i++) {
      data[i] = (byte) (128 + i % 12);
    }
    device.feed(pcm(SampleFormat.U8, 8_000, 12, data, OptionalLong.empty()));
    var made = one(node, Frame.trigger(0, 0));
    for (int i = 0; i < 12; i++) {
      assertThat(Nodes.channel(made, "ch" + i)).containsOnly(i / 128.0).hasSize(2);
    }
  }

  @Test
  void channelsAreCalibratedAndThenMapped() throws Exception {
    var node =
        opened(
            "AudioInput",
            """
            {"device_profile_id": "mic", "calibration": [{"gain": 2}, {"offset": 0.25}],
             "mapping": [{"Merge": [0, 1]}, {"Direct": 1}, {"Duplicate": 0}]}
            """);
    for (int i = 0; i < 2; i++) {
      device.feed(
          pcm(
              SampleFormat.U8,
              8_000,
              2,
              new byte[] {(byte) 192, (byte) 128},
              OptionalLong.empty()));
      var made = one(node, Frame.trigger(0, 0));
      assertThat(Nodes.channel(made, "ch0")).containsExactly(0.625);
      assertThat(Nodes.channel(made, "ch1")).containsExactly(0.25);
      assertThat(Nodes.channel(made, "ch2")).containsExactly(1.0);
    }
  }

  @Test
  void whatCannotBecomeAFrameIsAnErrorOfTheNode() throws Exception {
    var mapped =
        "{\"device_profile_id\": \"mic\", \"mapping\": [{\"Direct\": 4}], \"calibration\": [{},"
            + " {}]}";
    try (var run = NodeHarness.open(node("AudioInput", mapped), context)) {
      device.feed(new Packet.Opaque(new byte[5]));
      device.feed(pcm(SampleFormat.U8, 8_000, 1, new byte[5], OptionalLong.empty()));
      device.feed(pcm(SampleFormat.U8, 8_000, 2, new byte[6], OptionalLong.empty()));
      run.batch(Frame.trigger(0, 1), Frame.trigger(0, 2), Frame.trigger(0, 3));
      assertThat(run.failures()).hasSize(3);
      assertThat(run.failures().get(0))
          .hasMessage("5 opaque bytes of a device cannot become a frame");
      assertThat(run.failures().get(1)).hasMessage("2 calibrations for 1 physical channels");
      assertThat(run.failures().get(2)).hasMessageContaining("channel 4").hasMessageContaining("2");
    }
  }

  @Test
  void packetsThatAreNoneAreRefusedWithTheirNumbers() {
    assertThatThrownBy(() -> pcm(SampleFormat.I24, 8_000, 2, new byte[7], OptionalLong.empty()))
        .hasMessage("7 bytes are no whole number of samples: 2 channels of I24 take 6 bytes each");
    assertThatThrownBy(() -> pcm(SampleFormat.U8, 0, 1, new byte[0], OptionalLong.empty()))
        .hasMessageContaining("rate 0");
    assertThatThrownBy(() -> pcm(SampleFormat.U8, 1, 0, new byte[0], OptionalLong.empty()))
        .hasMessageContaining("0 channels");
  }

  @Test
  void anOutputWritesPacketsOfItsFormat() throws Exception {
    var node = opened("AudioOutput", "{\"device_profile_id\": \"mic\", \"format\": \"I16\"}");
    var frame =
        Nodes.frame(3, Map.of("ch0", new double[] {0.5, -1}, "ch1", new double[] {2, 0}))
            .withMetadata(Metadata.NONE.with("sample_rate", "44100"));
    assertThat(Holding.detached(List.of(node), frame)).isEmpty();
    assertThat(device.taken())
        .isInstanceOfSatisfying(
            Packet.Pcm.class,
            packet -> {
              assertThat(packet.data()).containsExactly(0, 0x40, 0xFF, 0x7F, 0, 0x80, 0, 0);
              assertThat(packet.sampleRate()).isEqualTo(44_100);
              assertThat(packet.channels()).isEqualTo(2);
              assertThat(packet.timestampNanos()).hasValue(3_000_000);
            });
  }

  @Test
  void aTimeThatNanosecondsDoNotReachIsNotMadeUp() throws Exception {
    var node = opened("AudioOutput", DEVICE);
    Holding.detached(
        List.of(node), new Frame(-1, 1, Nodes.frame(1, "ch0", 1).body(), Metadata.NONE));
    assertThat(device.taken())
        .isInstanceOfSatisfying(
            Packet.Pcm.class, packet -> assertThat(packet.timestampNanos()).isEmpty());
  }

  @Test
  void aFullDeviceDropsTheFrameAndCountsIt() throws Exception {
    var node = opened("AudioOutput", DEVICE);
    for (int i = 0; i < 5; i++) {
      assertThat(Holding.detached(List.of(node), Nodes.frame(i, "ch0", 1))).isEmpty();
    }
    assertThat(device.refused()).isEqualTo(2);
    assertThat(context.rejections())
        .hasSize(2)
        .allSatisfy(
            rejection -> {
              assertThat(rejection.reason()).isEqualTo("device_full");
              assertThat(rejection.sentence()).contains("mic");
            });
  }

  @Test
  void withoutADeviceOrChannelsAnOutputHandsFramesOn() throws Exception {
    var frame = Nodes.frame(1, "anything", 1, 2);
    assertThat(one(opened("AudioOutput", "{}"), frame)).isEqualTo(frame);
    var trigger = Frame.trigger(1, 2);
    assertThat(one(opened("AudioOutput", DEVICE), trigger)).isSameAs(trigger);
    var none = trigger.withBody(Samples.NONE);
    assertThat(one(opened("AudioOutput", DEVICE), none)).isSameAs(none);
    assertThat(device.taken()).isNull();
  }

  @Test
  void channelsOfAnOutputAreNamedAndEquallyLong() throws Exception {
    var config = "{\"device_profile_id\": \"mic\", \"num_channels\": 2}";
    try (var run = NodeHarness.open(node("AudioOutput", config), context)) {
      run.batch(
          Nodes.frame(1, Map.of("ch0", new double[1], "ch2", new double[1])),
          Nodes.frame(2, Map.of("ch0", new double[3], "ch1", new double[4])),
          Nodes.frame(3, "ch0", 1),
          Frame.trigger(0, 4).withBody(new Body.Text("no")));
      assertThat(run.failures().stream().map(Exception::getMessage))
          .containsExactly(
              "the frame has 2 channels, but no ch1; a device wants ch0 to ch1",
              "ch1 has 4 samples, ch0 has 3; a device wants equally many",
              "the frame has 1 channels; num_channels is 2",
              "the frame carries no samples that a device could take");
      assertThat(device.taken()).isNull();
    }
  }

  @Test
  void whatGoesOutThroughALoopbackComesInTheSame() throws Exception {
    long seed = 13;
    var random = new Random(seed);
    var loops = new DeviceManager(1);
    loops.register(SimulatedDevice.loopback("loop", 4));
    loops.start();
    var types = new NodeCatalogue(DeviceTypes.of(loops));
    var config = "{\"device_profile_id\": \"loop\", \"format\": \"f64\"}";
    for (int run = 0; run < 100; run++) {
      var out = Nodes.node(types.find("AudioOutput").orElseThrow(), config);
      var in = Nodes.node(types.find("AudioInput").orElseThrow(), config);
      out.open(context);
      in.open(context);
      var channels = new TreeMap<String, double[]>();
      int samples = random.nextInt(20);
      for (int i = random.nextInt(20); i >= 0; i--) {
        channels.put("ch" + i, Nodes.noise(random, samples));
      }
      Holding.through(List.of(out), Nodes.frame(run, channels), any -> {});
      assertThat(one(in, Frame.trigger(0, 0)).body())
          .as("seed %d, run %d", seed, run)
          .isEqualTo(Samples.of(channels));
    }
  }

  @Test
  void numbersOfChannelsOutOfRangeAreSaidInOneSentence() {
    for (var name : List.of("AudioSource", "AudioInput", "AudioOutput", "RingFileSink")) {
      for (int channels : List.of(0, 33, -1)) {
        assertThat(
                Nodes.problems(type(name), "{\"path\": \"x\", \"num_channels\": " + channels + "}"))
            .contains("num_channels must be between 1 and 32, got " + channels);
      }
    }
    assertThat(Nodes.problems(type("AudioOutput"), "{\"format\": \"I12\"}")).hasSize(1);
    assertThat(Nodes.problems(type("AudioInput"), "{\"mapping\": [{\"Direct\": \"a\"}]}"))
        .hasSize(1);
  }

  @Test
  void ratesAndSizesBeyondTheUsualAreTakenWithAWarning() {
    for (var given :
        List.of("\"sample_rate\": 7999", "\"buffer_size\": 63", "\"buffer_size\": 8193")) {
      assertThat(Nodes.problems(type("AudioSource"), "{" + given + "}"))
          .singleElement()
          .asString()
          .contains("beyond what usually makes sense");
    }
    assertThat(Nodes.problems(type("AudioSource"), "{\"sample_rate\": 192000}")).isEmpty();
  }

  @Test
  void noSampleArrayIsMadeInSteadyState() throws Exception {
    var node =
        opened(
            "AudioInput",
            "{\"device_profile_id\": \"mic\", \"mapping\": [{\"Direct\": 1}, {\"Merge\": [0,"
                + " 1]}]}");
    var packet = pcm(SampleFormat.I24, 48_000, 2, new byte[600], OptionalLong.empty());
    device.feed(packet);
    Holding.through(List.of(node), Frame.trigger(0, 0), frame -> {});
    long made = context.samples().made();
    for (int i = 0; i < 1_000; i++) {
      device.feed(packet);
      Holding.through(
          List.of(node),
          Frame.trigger(0, i),
          frame -> assertThat(Nodes.channel(frame, "ch1")[99]).isCloseTo(0, within(0.0)));
    }
    assertThat(context.samples().made()).isEqualTo(made);
    assertThat(context.samples().inUse()).isZero();
  }

  @FuzzTest
  void anyBytesAreAPacketOrRefused(byte[] data) {
    for (var format : SampleFormat.values()) {
      int channels = 1 + data.length % 3;
      Packet.Pcm packet;
      try {
        packet = pcm(format, 8_000, channels, data, OptionalLong.empty());
      } catch (IllegalArgumentException refused) {
        assertThat(refused).hasMessageContaining(data.length + " bytes");
        continue;
      }
      var reader = new PacketReader(new PacketReader.Config(List.of(), List.of()));
      var frame = reader.frame(packet, 0, 0, Metadata.NONE, context.samples());
      assertThat(Nodes.channel(frame, "ch" + (channels - 1))).hasSize(packet.samples());
    }
  }

  @Test
  void randomBytesArePacketsOrRefused() {
    var random = new Random(14);
    for (int i = 0; i < 2_000; i++) {
      var data = new byte[random.nextInt(100)];
      random.nextBytes(data);
      anyBytesAreAPacketOrRefused(data);
    }
  }

  private static byte[] state(long frames, long packets) {
    return java.nio.ByteBuffer.allocate(17).put((byte) 1).putLong(frames).putLong(packets).array();
  }

  private static Packet.Pcm pcm(
      SampleFormat format, int rate, int channels, byte[] data, OptionalLong nanos) {
    return new Packet.Pcm(format, rate, channels, data, nanos);
  }

  private void shown(
      String name,
      String title,
      Palette.Category category,
      @org.jspecify.annotations.Nullable DataType out) {
    var palette = type(name).palette();
    assertThat(palette.title()).isEqualTo(title);
    assertThat(palette.category()).isEqualTo(category);
    assertThat(palette.out()).isEqualTo(out);
  }

  private NodeType<?> type(String name) {
    return catalogue.find(name).orElseThrow();
  }

  private Processor node(String name, String config) {
    return Nodes.node(type(name), config);
  }

  private Processor opened(String name, String config) throws Exception {
    var node = node(name, config);
    node.open(context);
    return node;
  }

  private static Frame one(Processor node, Frame frame) throws Exception {
    return Holding.detached(List.of(node), frame).getFirst();
  }
}
