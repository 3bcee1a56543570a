/// `millrace graph`: one graph without a server. Each command runs on the main thread and reads its
/// file by [GraphFile]. Open [GraphCommand] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.cli.graph;
