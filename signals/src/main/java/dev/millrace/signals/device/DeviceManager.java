package dev.millrace.signals.device;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens and closes devices together, and lets nodes find those that are open. A device that cannot
/// be opened is left out; only if none can, the start has failed. Safe from any thread.
public final class DeviceManager implements AudioDevices {
  private static final Logger log = LoggerFactory.getLogger(DeviceManager.class);

  private final int maxDevices;
  private final Map<String, AudioDevice> registered = new LinkedHashMap<>(); // guarded by this

  // Written under this, read by nodes that look for theirs.
  private final Map<String, AudioDevice> open = new ConcurrentHashMap<>();

  // Written under this, read by anybody.
  private volatile KernelStatus status = new KernelStatus.Stopped();

  /// What came of a start.
  public sealed interface Start {
    /// These devices are open; those are not, each with the reason.
    record Started(List<String> opened, Map<String, String> skipped) implements Start {}

    /// There are devices, and not one could be opened.
    record Failed(String message, Map<String, String> skipped) implements Start {}

    /// It is not stopped.
    record Refused(KernelStatus status) implements Start {}
  }

  public DeviceManager(int maxDevices) {
    if (maxDevices < 1) {
      throw new IllegalArgumentException("maxDevices " + maxDevices + " < 1");
    }
    this.maxDevices = maxDevices;
  }

  /// Adds a device, which the next start opens.
  ///
  /// @throws IllegalArgumentException if there is one of its profile, or there are too many
  public synchronized void register(AudioDevice device) {
    if (registered.size() == maxDevices) {
      throw new IllegalArgumentException(
          "no room for the device " + device.profileId() + ": there are " + maxDevices);
    }
    if (registered.putIfAbsent(device.profileId(), device) != null) {
      throw new IllegalArgumentException("two devices are called " + device.profileId());
    }
  }

  /// Opens all devices, in the order they were registered. After an error [#shutdown] comes first.
  public synchronized Start start() {
    if (!(status instanceof KernelStatus.Stopped)) {
      return new Start.Refused(status);
    }
    status = new KernelStatus.Initializing();
    var opened = new ArrayList<String>();
    var skipped = new LinkedHashMap<String, String>();
    registered.forEach(
        (profileId, device) -> {
          try {
            device.open();
            open.put(profileId, device);
            opened.add(profileId);
          } catch (IOException | RuntimeException failure) {
            log.warn("the device {} is left out: {}", profileId, failure.toString());
            skipped.put(profileId, String.valueOf(failure.getMessage()));
          }
        });
    if (opened.isEmpty() && !skipped.isEmpty()) {
      var message = "All devices failed to start";
      status = new KernelStatus.Error(message);
      return new Start.Failed(message, skipped);
    }
    status = new KernelStatus.Running();
    return new Start.Started(List.copyOf(opened), skipped);
  }

  /// Closes what is open, in any state and any number of times; a start may follow.
  public synchronized void shutdown() {
    open.values()
        .removeIf(
            device -> {
              device.close();
              return true;
            });
    status = new KernelStatus.Stopped();
  }

  public KernelStatus status() {
    return status;
  }

  @Override
  public Optional<AudioDevice> find(String profileId) {
    return Optional.ofNullable(open.get(profileId));
  }
}
