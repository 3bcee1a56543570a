/// The dialect's cryptography: the key exchange and sealed frames of a session, signatures of
/// messages, session and channel tokens. Nothing waits and nothing is
/// shared, except what says it is; a [FrameCipher] belongs to a loop. Open [KeyExchange] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.crypto;
