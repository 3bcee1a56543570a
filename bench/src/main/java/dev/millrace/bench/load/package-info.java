/// The client side of measurements: subscribers and publishers, over WebSocket or to Redis
/// ([FanoutLoad]), idle sessions ([Crowd]), sessions that come and go ([VisitLoad]), clients that
/// talk ([TalkLoad]); each delivery and each answer is checked. Knows nothing of the server beyond
/// two paths. Open [FanoutLoad] first; everything of one load is confined to the thread that runs
/// it.
@NullMarked
package dev.millrace.bench.load;

import org.jspecify.annotations.NullMarked;
