/// Picks the posts out of a stream of events, for whoever reads texts. Runs on engine workers. Open
/// [JetstreamPosts] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.posts;
