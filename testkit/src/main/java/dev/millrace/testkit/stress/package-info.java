/// Runs stress tests of hand-made concurrent structures in a process of their own. Open [Jcstress].
@NullMarked
package dev.millrace.testkit.stress;

import org.jspecify.annotations.NullMarked;
