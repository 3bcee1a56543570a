/// What the tests of several modules share. Open [Await]; harnesses for nodes, certificates and
/// stress tests have packages of their own.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit;
