package dev.millrace.gateway.wse;

import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.acl.AclRules;
import dev.millrace.gateway.acl.Authorizer;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.api.TopicReadingRoutes;
import dev.millrace.gateway.api.TopicRoutes;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.http.OriginRule;
import dev.millrace.gateway.http.Router;
import dev.millrace.gateway.http.RouterSpec;
import dev.millrace.gateway.inbound.InboundEndpoint;
import dev.millrace.gateway.inbound.InboundQueue;
import dev.millrace.gateway.publish.PublishEndpoint;
import dev.millrace.gateway.sse.SseEndpoint;
import dev.millrace.gateway.wse.filter.PayloadKey;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubPorts;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetSpec;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.websocket.WebSocketLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A hub and both WebSocket endpoints behind a real port, without authentication until `access` is
/// given a policy; its clock moves only by hand.
public final class TestGateway implements AutoCloseable {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics = new Metrics();
  public final EventLoops loops;
  public final Hub hub;
  public final WseDialect dialect;
  public final PublishEndpoint publish;
  public final SseEndpoint sse;
  public final InboundQueue queue;
  public final InboundEndpoint inbound;
  public final AccessControl access;
  public final SignalBus bus;
  public final TopicAccess topics;
  private final LeaseWatch leases;
  private final Router router;
  private final HttpListener listener;

  /// `hubKeys` are `key=value` of the section `hub`.
  public TestGateway(int loopCount, String... hubKeys) throws ProblemException {
    this(WseExtensions.NONE, Authorizer.NOBODY, loopCount, hubKeys);
  }

  /// With extensions of the dialect.
  public TestGateway(WseExtensions extensions, int loopCount, String... hubKeys)
      throws ProblemException {
    this(extensions, Authorizer.NOBODY, loopCount, hubKeys);
  }

  /// The same; `authorizer` is asked about topics.
  public TestGateway(Authorizer authorizer, int loopCount, String... hubKeys)
      throws ProblemException {
    this(WseExtensions.NONE, authorizer, loopCount, hubKeys);
  }

  /// With both.
  public TestGateway(
      WseExtensions extensions, Authorizer authorizer, int loopCount, String... hubKeys)
      throws ProblemException {
    var problems = new Problems();
    var net =
        Spec.of(NetSpec.class)
            .read(tree(problems, "event_loops=" + loopCount), problems)
            .orElseThrow();
    var spec = hubSpec(hubKeys);
    loops = new EventLoops(net, clock, metrics);
    var ports = HubPorts.LOCAL.withCanonical(WseEnvelope.STAMPED);
    hub = new Hub(spec, loops.loops().stream().map(LoopPort::new).toList(), clock, metrics, ports);
    PayloadKey.readFor(hub);
    var limits = WebSocketLimits.of(net);
    bus = new SignalBus(1_024, clock, metrics);
    access = new AccessControl(clock, metrics);
    leases = new LeaseWatch(access, loops.loops(), clock, metrics);
    var kills = new Kills(bus);
    queue = new InboundQueue(spec.inbound(), clock, metrics);
    topics = new TopicAccess(AclRules.of(spec.acl()), authorizer);
    var around = new WseDialect.Surroundings(loops.loops(), "0.1.0", leases, kills, topics, queue);
    dialect = new WseDialect(hub, spec, limits, around, extensions, clock, metrics);
    publish =
        new PublishEndpoint(hub, spec.publish(), limits, topics, leases, kills, clock, metrics);
    inbound =
        new InboundEndpoint(
            hub,
            queue,
            spec.inbound(),
            limits,
            new InboundEndpoint.Parts(topics, leases, kills, clock, metrics));
    sse = new SseEndpoint(hub, spec.sse(), loops.loops(), topics, kills, clock, metrics);
    router =
        new Router(
            RouterSpec.DEFAULT,
            List.of(
                sse,
                dialect.routes(List::of),
                new TopicRoutes(hub, topics, clock),
                new TopicReadingRoutes(hub, topics)),
            List.of(),
            Stream.of(dialect.endpoints(), publish.endpoints(), inbound.endpoints())
                .flatMap(List::stream)
                .toList(),
            new OriginRule(List.of()),
            access,
            leases,
            clock,
            metrics);
    listener = HttpListener.bind(loops, "127.0.0.1", 0, router);
  }

  /// What hub keys make.
  public static HubSpec hubSpec(String... hubKeys) {
    var problems = new Problems();
    return Spec.of(HubSpec.class)
        .read(tree(problems, hubKeys), problems)
        .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
  }

  private static Tree tree(Problems problems, String... keys) {
    return Overrides.set(Tree.Mapping.empty(Location.of("test")), List.of(keys), problems);
  }

  public int port() {
    return listener.port();
  }

  public InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port());
  }

  public TestClient connect(String pathAndQuery) {
    return connect(pathAndQuery, null);
  }

  /// With a token in the `Authorization` header.
  public TestClient connect(String pathAndQuery, @Nullable String token) {
    return TestClient.connect("ws://127.0.0.1:" + listener.port() + pathAndQuery, token);
  }

  @Override
  public void close() {
    listener.close();
    dialect.close();
    publish.close();
    inbound.close();
    sse.close();
    leases.close();
    bus.close();
    hub.close();
    loops.close();
  }
}
