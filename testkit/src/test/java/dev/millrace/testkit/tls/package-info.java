/// Tests of the certificates for tests: their dates, names and files.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.tls;
