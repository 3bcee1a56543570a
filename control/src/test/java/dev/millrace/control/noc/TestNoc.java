package dev.millrace.control.noc;

import dev.millrace.control.command.Command;
import dev.millrace.control.command.CommandResult;
import dev.millrace.control.telemetry.Capabilities;
import dev.millrace.control.telemetry.FakeProcess;
import dev.millrace.control.telemetry.IntervalEvents;
import dev.millrace.control.telemetry.Telemetry;
import dev.millrace.control.telemetry.TelemetrySpec;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.SystemClock;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.auth.AuthPolicy;
import dev.millrace.gateway.auth.AuthSpec;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetSpec;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The operators' socket of a fake process behind a real port. The server's clock moves only by
/// hand; the query says who calls: `role=viewer`, or `reject=401`.
final class TestNoc implements HttpService, AutoCloseable {
  final FakeProcess process;
  final FakeTails tails = new FakeTails();
  final EventLoops loops;
  final Telemetry telemetry;
  final IntervalEvents intervals;
  final NocEndpoint endpoint;
  final AccessControl access;
  private final LeaseWatch leases;
  private final SystemClock clientClock = new SystemClock();
  private final EventLoops clients = new EventLoops(NetSpec.DEFAULT, clientClock, new Metrics());
  private final HttpListener listener;
  volatile Command.Handler commands =
      call -> CommandResult.Failed.of(404, "UNKNOWN_COMMAND", "there is no command " + call.name());

  TestNoc() throws ProblemException {
    this(1_024, 1);
  }

  /// `keys` are `key=value` of [NocSpec].
  TestNoc(int busCapacity, int loopCount, String... keys) throws ProblemException {
    process = new FakeProcess(busCapacity);
    loops =
        new EventLoops(
            read(NetSpec.class, "event_loops=" + loopCount), process.clock, process.metrics);
    telemetry =
        new Telemetry(TelemetrySpec.DEFAULT, process.sections(), process.clock, process.metrics);
    intervals =
        new IntervalEvents(
            TelemetrySpec.DEFAULT, process.sections(), process.clock, process.metrics);
    access = new AccessControl(process.clock, process.metrics);
    access.apply(policy(Role.values()));
    leases = new LeaseWatch(access, loops.loops(), process.clock, process.metrics);
    endpoint =
        new NocEndpoint(
                read(NocSpec.class, keys),
                new NocEndpoint.Setting(
                    loops.loops(), "boot-1", new Capabilities("0.1.0", List.of("events")), leases),
                new NocEndpoint.Behind(
                    process.sections(), telemetry, intervals, call -> commands.run(call), tails),
                process.clock,
                process.metrics)
            .start();
    listener = HttpListener.bind(loops, "127.0.0.1", 0, this);
  }

  static <T extends Record> T read(Class<T> type, String... keys) {
    var problems = new Problems();
    var tree = Overrides.set(Tree.Mapping.empty(Location.of("test")), List.of(keys), problems);
    return Spec.of(type)
        .read(tree, problems)
        .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
  }

  TestConsole connect() {
    return connect("");
  }

  TestConsole connect(String query) {
    return TestConsole.connect(clients, "ws://127.0.0.1:" + listener.port() + "/ws/noc" + query);
  }

  @Override
  public void serve(HttpExchange exchange) {
    exchange.respond(Response.empty(404));
  }

  @Override
  public Upgrade upgrade(RequestHead head) {
    var rejected = head.queryValue("reject").map(Integer::parseInt);
    var admission =
        rejected.isPresent()
            ? new Admission.Rejected(rejected.get(), "AUTH_FAILED", "the token is not known")
            : access.admit(
                withToken(head, head.queryValue("role").orElse("admin")),
                Surface.NOC,
                Route.Access.VIEWER);
    return endpoint.endpoints().getFirst().opener().open(head, Map.of(), admission);
  }

  /// A policy with one token for each of these roles, named after it.
  static AuthPolicy policy(Role... roles) {
    var tokens = new ArrayList<String>();
    for (var role : roles) {
      tokens.add(
          "{\"name\":\"the-%s\",\"token\":\"%s\",\"role\":\"%s\"}"
              .formatted(role.label(), token(role.label()), role.label()));
    }
    var spec = read(AuthSpec.class, "tokens=[" + String.join(",", tokens) + "]");
    return AuthPolicy.read(spec, Path.of(""), Location.of("auth"), new Problems()).orElseThrow();
  }

  private static String token(String role) {
    return "a-token-of-the-test-for-" + role;
  }

  private static RequestHead withToken(RequestHead head, String role) {
    var headers = new HashMap<>(head.headers());
    headers.put("authorization", "Bearer " + token(role));
    return new RequestHead(
        head.method(),
        head.rawPath(),
        head.path(),
        head.query(),
        headers,
        head.remoteAddress(),
        head.localAddress(),
        head.secure());
  }

  @Override
  public void close() {
    listener.close();
    endpoint.close();
    leases.close();
    intervals.close();
    telemetry.close();
    process.close();
    loops.close();
    clients.close();
    clientClock.close();
  }
}
