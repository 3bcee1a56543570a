/// Filters of subscriptions: criteria over the payload by dotted path, compiled once and asked per
/// frame. Pure; a compiled filter is immutable, a view of a payload belongs to one loop. Open
/// [Filter] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.filter;
