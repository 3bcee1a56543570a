/// What commands that look into a running server show: lines of frames, tables of figures, and the
/// terminal they go to. Open [Figures] and [FrameLine] first. Runs on the command's own threads.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.cli.watch;
