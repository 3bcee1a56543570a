package dev.millrace.app.server;

import dev.millrace.control.telemetry.FeedFacts;
import dev.millrace.gateway.session.SessionDesk;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.wse.ClientDesk;
import dev.millrace.hub.Hub;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where telemetry learns of topics and of those who follow them. Any thread that may wait.
final class Feed {
  private static final Logger log = LoggerFactory.getLogger(Feed.class);

  /// Less than the shortest interval between two events, so that these keep their pace.
  private static final long PATIENCE_MILLIS = 200;

  private final Hub hub;
  private final Cluster cluster;
  private final int capacity;

  // Written once, when somebody can connect.
  private volatile @Nullable ClientDesk clients;
  private volatile @Nullable SessionDesk sessions;

  /// `capacity` is how many messages may wait for the loops.
  Feed(Hub hub, Cluster cluster, int capacity) {
    this.hub = hub;
    this.cluster = cluster;
    this.capacity = capacity;
  }

  void clients(ClientDesk desk, SessionDesk all) {
    clients = desk;
    sessions = all;
  }

  /// Null as long as nobody can connect.
  @Nullable SessionDesk sessions() {
    return sessions;
  }

  FeedFacts facts() {
    return new FeedFacts(
        hub.sendLatency(), hub.keptBytes(), capacity, furthestBehind(), cluster.facts());
  }

  private SessionSource.@Nullable Answer furthestBehind() {
    var desk = clients;
    if (desk == null) {
      return null;
    }
    try {
      return desk.find(new SessionSource.Wish(null, null, FeedFacts.TOP))
          .toCompletableFuture()
          .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException busy) {
      log.debug("The loops do not say how their connections are", busy);
      return null;
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
