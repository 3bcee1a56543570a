/// Which caller may have which topics: rules of the configuration, and a program that is asked.
/// Called from the loops and from requests' threads. Open [TopicAccess] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.acl;
