/// Sources, sinks and transforms that reach the outside. Each sub-package ships its own nodes
/// against `core`; what they count stands in [ConnectMetric].
@org.jspecify.annotations.NullMarked
package dev.millrace.connect;
