package dev.millrace.app.server;

import dev.millrace.app.config.ListenerSpec;
import dev.millrace.app.config.Settings;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.core.document.Tree;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.AclRules;
import dev.millrace.gateway.acl.Authorizer;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.AuthPolicy;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.event.Refusal;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.gateway.http.BindRule;
import dev.millrace.gateway.webhook.AuthorizeHook;
import dev.millrace.net.EventLoops;
import dev.millrace.net.tls.Tls;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may come in: what every listener asks, whatever it serves.
///
/// `tls` is null where nothing is encrypted.
public record Doors(
    AccessControl access,
    TopicAccess topics,
    LeaseWatch leases,
    Kills kills,
    @Nullable Tls tls,
    Closer closer)
    implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Doors.class);

  /// `refusals` hears of everybody who is turned away.
  static Doors open(
      Settings settings,
      EventLoops loops,
      SignalBus signals,
      Consumer<Refusal> refusals,
      Clock clock,
      Metrics metrics)
      throws ProblemException {
    var problems = new Problems();
    var policy = policy(settings, problems);
    problems.all().forEach(warning -> log.warn("{}", warning));
    var spec = settings.config().server().tls();
    var tls = spec == null ? null : Tls.load(spec, settings.base(), Location.of("server.tls"));
    refuseTlsWithoutCertificate(settings.config().server().listeners(), tls);
    var closer = new Closer();
    var access = closer.opened(new AccessControl(new Rejects(clock, refusals), clock, metrics));
    access.apply(policy);
    var hook = settings.config().hub().webhooks().authorize();
    var authorizer =
        hook == null ? Authorizer.NOBODY : closer.opened(new AuthorizeHook(hook, clock, metrics));
    var leases = closer.opened(new LeaseWatch(access, loops.loops(), clock, metrics));
    var topics = new TopicAccess(AclRules.of(settings.config().hub().acl()), authorizer);
    return new Doors(access, topics, leases, new Kills(signals), tls, closer);
  }

  /// Adds what is wrong with keys, certificates and addresses, without opening anything.
  public static void check(Settings settings, Problems problems) {
    checkPolicy(settings, problems);
    var server = settings.config().server();
    try {
      var tls =
          server.tls() == null
              ? null
              : Tls.load(server.tls(), settings.base(), Location.of("server.tls"));
      refuseTlsWithoutCertificate(server.listeners(), tls);
    } catch (ProblemException wrong) {
      add(wrong, problems);
    }
  }

  private static void checkPolicy(Settings settings, Problems problems) {
    try {
      var _ = policy(settings, problems);
    } catch (ProblemException wrong) {
      add(wrong, problems);
    }
  }

  private static void add(ProblemException wrong, Problems problems) {
    problems.add(wrong.problem());
    for (var more : wrong.getSuppressed()) {
      if (more instanceof ProblemException further) {
        problems.add(further.problem());
      }
    }
  }

  /// `source` with what is wrong or noteworthy about keys and addresses among the problems of a
  /// configuration: as it is written, because that is what the next start will read.
  static ConfigSource<Settings> checking(ConfigSource<Settings> source) {
    return new ConfigSource<>() {
      @Override
      public Spec<?> spec() {
        return source.spec();
      }

      @Override
      public Reading read(Problems problems) {
        return source.read(problems);
      }

      @Override
      public Optional<Settings> bind(Tree.Mapping document, Problems problems) {
        var bound = source.bind(document, problems);
        int before = problems.errorCount();
        bound.ifPresent(settings -> checkPolicy(settings, problems));
        return problems.errorCount() > before ? Optional.empty() : bound;
      }
    };
  }

  /// The policy of a configuration, checked against every address it listens on. Warnings are added
  /// to `problems`.
  ///
  /// @throws ProblemException with the first error, further ones as suppressed
  static AuthPolicy policy(Settings settings, Problems problems) throws ProblemException {
    var found = new Problems();
    var where = Location.of("auth");
    var policy = AuthPolicy.read(settings.config().auth(), settings.base(), where, found);
    if (policy.isEmpty()) {
      throw all(found.all());
    }
    problems.addAll(found.all());
    var server = settings.config().server();
    BindRule.check(server.host(), policy.get(), Location.of("server.host"));
    for (var listener : server.listeners()) {
      BindRule.check(listener.host(), policy.get(), Location.of("server.listeners"));
    }
    return policy.get();
  }

  @Override
  public void close() {
    closer.close();
  }

  private static void refuseTlsWithoutCertificate(List<ListenerSpec> listeners, @Nullable Tls tls)
      throws ProblemException {
    if (tls == null && listeners.stream().anyMatch(ListenerSpec::tls)) {
      throw new ProblemException(
          Problem.error(
              "E_NO_CERTIFICATE",
              Location.of("server.listeners"),
              "a listener speaks TLS, and there is no certificate",
              "Set server.tls.cert_file and server.tls.key_file."));
    }
  }

  private static ProblemException all(List<Problem> problems) {
    var errors = problems.stream().filter(Problem::isError).toList();
    var first = new ProblemException(errors.getFirst());
    errors.stream().skip(1).forEach(more -> first.addSuppressed(new ProblemException(more)));
    return first;
  }
}
