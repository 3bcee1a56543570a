package dev.millrace.signals.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.signals.sample.SampleFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceManagerTest {
  private final DeviceManager manager = new DeviceManager(4);

  @Test
  void aDeviceThatCannotBeOpenedIsLeftOut() {
    var good = SimulatedDevice.of("good", 2);
    manager.register(SimulatedDevice.broken("bad", "unplugged"));
    manager.register(good);
    assertThat(manager.status()).isEqualTo(new KernelStatus.Stopped());

    assertThat(manager.start())
        .isEqualTo(new DeviceManager.Start.Started(List.of("good"), Map.of("bad", "unplugged")));

    assertThat(manager.status()).isEqualTo(new KernelStatus.Running());
    assertThat(manager.find("good")).containsSame(good);
    assertThat(manager.find("bad")).isEmpty();
  }

  @Test
  void ifNoDeviceCanBeOpenedTheStartHasFailed() {
    manager.register(SimulatedDevice.broken("bad", "unplugged"));
    assertThat(manager.start())
        .isEqualTo(
            new DeviceManager.Start.Failed(
                "All devices failed to start", Map.of("bad", "unplugged")));
    assertThat(manager.status()).isEqualTo(new KernelStatus.Error("All devices failed to start"));
  }

  @Test
  void withoutDevicesItRuns() {
    assertThat(manager.start()).isInstanceOf(DeviceManager.Start.Started.class);
    assertThat(manager.status()).isEqualTo(new KernelStatus.Running());
  }

  @Test
  void aSecondStartIsRefused() {
    manager.start();
    assertThat(manager.start())
        .isEqualTo(new DeviceManager.Start.Refused(new KernelStatus.Running()));
  }

  @Test
  void shutdownMayComeTwiceAndAStartMayFollow() {
    var device = SimulatedDevice.of("d", 1);
    manager.register(device);
    manager.shutdown();
    manager.start();
    manager.shutdown();
    manager.shutdown();
    assertThat(manager.status()).isEqualTo(new KernelStatus.Stopped());
    assertThat(manager.find("d")).isEqualTo(Optional.empty());
    assertThat(device.write(packet())).as("closed").isFalse();
    assertThat(manager.start()).isInstanceOf(DeviceManager.Start.Started.class);
    assertThat(device.write(packet())).isTrue();
  }

  @Test
  void twoDevicesOfOneProfileAndTooManyAreRefused() {
    manager.register(SimulatedDevice.of("a", 1));
    assertThatThrownBy(() -> manager.register(SimulatedDevice.of("a", 1)))
        .hasMessageContaining("a");
    manager.register(SimulatedDevice.of("b", 1));
    manager.register(SimulatedDevice.of("c", 1));
    manager.register(SimulatedDevice.of("d", 1));
    assertThatThrownBy(() -> manager.register(SimulatedDevice.of("e", 1)))
        .hasMessageContaining("there are 4");
    assertThatThrownBy(() -> new DeviceManager(0)).hasMessageContaining("maxDevices 0");
  }

  /// Random calls beside what the status must be.
  @Test
  void anyOrderOfCallsLeavesAStatusThatFits() {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new Random(seed);
      var kernel = new DeviceManager(100);
      int good = 0;
      int bad = 0;
      KernelStatus wanted = new KernelStatus.Stopped();
      for (int step = 0; step < 100; step++) {
        switch (random.nextInt(3)) {
          case 0 -> {
            if (wanted instanceof KernelStatus.Stopped && good + bad < 100) {
              boolean works = random.nextInt(3) == 0;
              good += works ? 1 : 0;
              bad += works ? 0 : 1;
              kernel.register(
                  works
                      ? SimulatedDevice.of("d" + step, 1)
                      : SimulatedDevice.broken("d" + step, "no"));
            }
          }
          case 1 -> {
            kernel.start();
            if (wanted instanceof KernelStatus.Stopped) {
              wanted =
                  good == 0 && bad > 0
                      ? new KernelStatus.Error("All devices failed to start")
                      : new KernelStatus.Running();
            }
          }
          default -> {
            kernel.shutdown();
            wanted = new KernelStatus.Stopped();
          }
        }
        assertThat(kernel.status()).as("seed %d, step %d", seed, step).isEqualTo(wanted);
      }
    }
  }

  @Test
  void aLoopbackBringsWhatItTook() {
    var device = SimulatedDevice.loopback("loop", 1);
    manager.register(device);
    manager.start();
    var packet = packet();
    assertThat(device.write(packet)).isTrue();
    assertThat(device.write(packet)).as("full").isFalse();
    assertThat(device.refused()).isEqualTo(1);
    assertThat(device.read()).isSameAs(packet);
    assertThat(device.read()).isNull();
  }

  private static Packet.Pcm packet() {
    return new Packet.Pcm(SampleFormat.U8, 8_000, 1, new byte[4], OptionalLong.empty());
  }
}
