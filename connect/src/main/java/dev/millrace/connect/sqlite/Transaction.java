package dev.millrace.connect.sqlite;

import dev.millrace.core.node.SourcePosition;
import java.util.Collection;
import java.util.List;

/// What goes into the database together or not at all. Keys below `keyFloor` are forgotten.
record Transaction(
    List<StoredRow> rows,
    Collection<SourcePosition> positions,
    List<RewindWindow.Entry> keys,
    long keyFloor) {}
