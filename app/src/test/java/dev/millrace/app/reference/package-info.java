/// The reference pages under `docs/reference`, written by the code that enforces what they say.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.reference;
