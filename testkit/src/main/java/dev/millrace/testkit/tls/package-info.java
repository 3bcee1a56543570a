/// Certificates for tests, made on the machine that runs them. Safe from any thread. Open
/// [TestCertificates].
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.tls;
