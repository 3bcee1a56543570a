package dev.millrace.engine.tap;

import org.jspecify.annotations.Nullable;

/// Where frames of a node go: the next node, and the branch it takes them from, null for all.
public record TapEdge(String to, @Nullable String branch) {}
