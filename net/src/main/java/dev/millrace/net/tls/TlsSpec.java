package dev.millrace.net.tls;

import dev.millrace.core.spec.About;

/// Where a server's certificate and key are. What is in the files may be exchanged while the server
/// runs, for new connections.
public record TlsSpec(
    @About(
            "PEM file with the certificate, followed by those of the authorities between it and a"
                + " root, if there are any.")
        String certFile,
    @About("PEM file with the certificate's private key, not encrypted.") String keyFile) {}
