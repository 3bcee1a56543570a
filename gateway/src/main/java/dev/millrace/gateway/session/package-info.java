/// The connections of every surface, for operators: looking at them, and ending one. Safe from any
/// thread; what is said of a connection is said on its loop. Open [SessionDesk] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.session;
