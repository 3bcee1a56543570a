package dev.millrace.net.tls;

import dev.millrace.core.spec.About;

/// Where a server's certificate and key are. Changing these keys, or what is in the files, takes
/// effect on reload for new connections.
public record TlsSpec(
    @About(
            "PEM file with the certificate, followed by those of the authorities between it and a"
                + " root, if there are any.")
        String certFile,
    @About("PEM file with the certificate's private key, not encrypted.") String keyFile) {}
