package dev.millrace.control.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A file that the configuration was read from. `path` is absolute, as it is written, with its
/// links unresolved; `digest` tells the content that was read, or that there was none. `key` is the
/// path of the configuration key that names the file, where only the file's content and not the
/// document says whether that key's meaning has changed: a certificate, a set of keys.
public record SeenFile(Path path, String digest, @Nullable String key) {}
