/// Nodes for multi-channel numeric frames, against the contract of `dev.millrace.core.node` alone.
/// Packages by what a node does: `generate`, `process`, `control`, `file`, `device`, `bridge`,
/// `print`; `sample` has what devices and files share.
@org.jspecify.annotations.NullMarked
package dev.millrace.signals;
