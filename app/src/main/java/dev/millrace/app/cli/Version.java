package dev.millrace.app.cli;

/// The version of this build, from the jar's manifest.
public final class Version {
  private Version() {}

  public static String current() {
    var version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development build" : version;
  }
}
