/// Tests of what operators see of connections.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.session;
