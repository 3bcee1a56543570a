package dev.millrace.control.pipeline;

/// Why a pipeline is as it is. The labels are part of the API.
public enum Reason {
  ADMIN_PAUSE("AdminPause"),
  ADMIN_START("AdminStart"),
  ADMIN_REBOOT("AdminReboot"),
  CONFIG_ADDED("ConfigAdded"),
  CONFIG_REMOVED("ConfigRemoved"),
  CONFIG_CHANGED("ConfigChanged"),
  /// A node failed.
  CRASHED("Crashed"),
  /// The sources came to their ends.
  EXITED_CLEANLY("ExitedCleanly"),
  ENGINE_SHUTDOWN("EngineShutdown");

  private final String label;

  Reason(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
