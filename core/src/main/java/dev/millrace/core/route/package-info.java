/// HTTP routes without any HTTP library: what a capability contributes to the gateway. Open [Route]
/// first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.route;
