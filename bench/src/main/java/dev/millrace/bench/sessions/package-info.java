/// `bench sessions`: what an idle session costs in memory, and how many can come in a second. Open
/// [SessionsCommand] first; runs on the thread that calls it.
@NullMarked
package dev.millrace.bench.sessions;

import org.jspecify.annotations.NullMarked;
