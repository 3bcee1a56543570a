/// Who told the process what, and what became of it: on disk, in order, and in memory for whoever
/// looks. Open [AuditTrail] first. One platform thread `millrace-audit` owns the files; whoever
/// records waits a second at most.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.audit;
