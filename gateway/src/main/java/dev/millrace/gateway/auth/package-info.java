/// Who may come in, and as whom. Open [AccessControl] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.auth;
