/// `bench micro`: what single hot pieces cost, each beside a yardstick. Open [MicroCommand] first.
@NullMarked
package dev.millrace.bench.micro;

import org.jspecify.annotations.NullMarked;
