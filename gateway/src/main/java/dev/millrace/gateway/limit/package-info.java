/// How much callers may do: rates by address, and memory that forgets. Runs on the loops and never
/// waits. Open [AddressLimiter] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.limit;
