package dev.millrace.gateway.wse;

import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Response;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.gateway.publish.PublishEndpoint;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubSpec;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetSpec;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import java.util.List;
import java.util.Map;

/// A hub and both WebSocket endpoints behind a real port; its clock moves only by hand.
public final class TestGateway implements HttpService, AutoCloseable {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics = new Metrics();
  public final EventLoops loops;
  public final Hub hub;
  public final WseDialect dialect;
  private final PublishEndpoint publish;
  private final HttpListener listener;

  /// `hubKeys` are `key=value` of the section `hub`.
  public TestGateway(int loopCount, String... hubKeys) throws ProblemException {
    var problems = new Problems();
    var net =
        Spec.of(NetSpec.class)
            .read(tree(problems, "event_loops=" + loopCount), problems)
            .orElseThrow();
    var spec =
        Spec.of(HubSpec.class)
            .read(tree(problems, hubKeys), problems)
            .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
    loops = new EventLoops(net, clock, metrics);
    hub = new Hub(spec, loops.loops().stream().map(LoopPort::new).toList(), clock, metrics);
    var limits = WebSocketLimits.of(net);
    var setting = new WseDialect.Setting(loops.loops(), limits, "0.1.0");
    dialect = new WseDialect(hub, spec, setting, clock, metrics);
    publish = new PublishEndpoint(hub, limits, clock, metrics);
    listener = HttpListener.bind(loops, "127.0.0.1", 0, this);
  }

  private static Tree tree(Problems problems, String... keys) {
    return Overrides.set(Tree.Mapping.empty(Location.of("test")), List.of(keys), problems);
  }

  public TestClient connect(String pathAndQuery) {
    return TestClient.connect("ws://127.0.0.1:" + listener.port() + pathAndQuery);
  }

  @Override
  public void serve(HttpExchange exchange) {
    exchange.respond(Response.empty(404));
  }

  @Override
  public Upgrade upgrade(RequestHead request) {
    var caller = new Admission.Admitted(Principal.local(request.remoteAddress()));
    var prefix = "/ws/publish/";
    if (request.path().startsWith(prefix)) {
      var topic = request.path().substring(prefix.length());
      return publish.endpoints().getFirst().opener().open(request, Map.of("topic", topic), caller);
    }
    return dialect.endpoints().stream()
        .filter(endpoint -> endpoint.path().equals(request.path()))
        .findFirst()
        .map(WebSocketEndpoint::opener)
        .map(opener -> opener.open(request, Map.of(), caller))
        .orElseGet(() -> new Upgrade.Refuse(Response.empty(404)));
  }

  @Override
  public void close() {
    listener.close();
    dialect.close();
    hub.close();
    loops.close();
  }
}
