package dev.millrace.control.audit;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;

/// How much of the audit trail is kept.
public record AuditSpec(
    @About("Size at which the trail's file is put aside and a new one begun.")
        @Default("10MiB")
        @Range(min = 65_536, max = 1_073_741_824)
        @OnRestart
        ByteSize maxFileSize,
    @About("Files of the trail that are kept, the one being written included.")
        @Default("10")
        @Range(min = 2, max = 1_000)
        @OnRestart
        int files,
    @About("Newest entries kept in memory, for GET /api/v1/audit.")
        @Default("1000")
        @Range(min = 1, max = 100_000)
        @OnRestart
        int memoryEntries,
    @About("Entries that may wait for a disk that is slow or full; further ones stay in memory.")
        @Default("1024")
        @Range(min = 1, max = 100_000)
        @OnRestart
        int waitingEntries) {
  public static final AuditSpec DEFAULT = Spec.of(AuditSpec.class).defaults();

  public AuditSpec withMaxFileSize(long bytes) {
    return new AuditSpec(new ByteSize(bytes), files, memoryEntries, waitingEntries);
  }

  public AuditSpec withFiles(int newFiles) {
    return new AuditSpec(maxFileSize, newFiles, memoryEntries, waitingEntries);
  }

  public AuditSpec withMemoryEntries(int entries) {
    return new AuditSpec(maxFileSize, files, entries, waitingEntries);
  }

  public AuditSpec withWaitingEntries(int entries) {
    return new AuditSpec(maxFileSize, files, memoryEntries, entries);
  }
}
