/// Command-line options that several measurements share, so that they are called and checked the
/// same way. Read on the thread of the command line; open [TurnOptions] first.
@NullMarked
package dev.millrace.bench.options;

import org.jspecify.annotations.NullMarked;
