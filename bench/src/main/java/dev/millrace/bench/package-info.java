/// Measurements, each beside a reference that the repository owns, in the same run. The command
/// line is [Main]; every measurement checks its own answer and has a smoke size. No thread of its
/// own.
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
