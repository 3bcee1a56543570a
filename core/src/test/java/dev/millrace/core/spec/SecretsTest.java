package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.SecretReader;
import dev.millrace.core.document.Substitution;
import dev.millrace.core.document.Tree;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A secret is put into every place a configuration has for one, and must come out of none.
class SecretsTest {
  private static final String CANARY = "CANARY-d41d8cd9";

  private final Problems problems = new Problems();
  private final Map<String, String> environment = Map.of("SECRET", CANARY, "HIDDEN_FILE", "/file");
  private final SecretReader files =
      path -> {
        if (path.equals("/file")) {
          return CANARY + "\n";
        }
        throw new NoSuchFileException(path, null, CANARY);
      };

  enum Mode {
    FAST,
    SAFE
  }

  record Login(String user, @Secret @Nullable String password) {
    Login {
      if (password != null && password.length() < 3) {
        throw new IllegalArgumentException("the password '" + password + "' is short");
      }
      if (user.equals("quoting")) {
        throw new IllegalArgumentException("user " + user + " has " + password);
      }
    }
  }

  record Host(String name, @Default("80") @Range(min = 1, max = 99) int port, Login login) {}

  record Config(
      @Default("8080") @Range(min = 0, max = 65_535) int port,
      @Default("fast") Mode mode,
      @Default("5s") @Range(max = 60) Duration patience,
      @Default("1MiB") ByteSize size,
      @Default("0.5") @Range(max = 1) double share,
      @Default("true") boolean flag,
      @Secret @Nullable String token,
      @Secret List<String> oldTokens,
      @Secret Map<String, String> keys,
      @Secret @Nullable Integer pin,
      @Secret @Nullable Mode secretMode,
      @Secret @Nullable Login hiddenLogin,
      @Secret @Range(min = 5, max = 9) @Nullable Integer rangedPin,
      @Nullable String url,
      @Nullable Login login,
      List<Host> hosts,
      Map<String, Login> logins,
      Map<String, String> headers,
      List<String> texts,
      @Nullable Tree graph) {}

  record Wanted(@About("What opens the door.") @Secret String key) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token: CANARY",
        "token: ${SECRET}",
        "token: a${SECRET}b",
        "token: ${HIDDEN}",
        "token_file: /file",
        "old_tokens: [CANARY, x]",
        "old_tokens: ${SECRET}",
        "keys: {a: CANARY}",
        "hidden_login: {user: CANARY, password: CANARY}",
        "url: ${SECRET}",
        "url: 'redis://user:CANARY@host:6379/0'",
        "url: 'redis://:CANARY@host'",
        "url: 'redis://user:CANARY/x@host'",
        "url: 'redis://:CANARY/x?y@host'",
        "url: 'https://CANARY@host/path'",
        "url: 'redis://u:p@CANARY@host/x'",
        "url: 'two redis://a:CANARY@b and https://c:CANARY@d'",
        "url: 'https://host/path?access_token=CANARY&x=1'",
        "url: 'https://host/path?x=1&api-key=CANARY'",
        "texts: ['Authorization: Bearer CANARY', 'Basic CANARY']",
        "texts: ['wss://u:CANARY@host']",
        "login: {user: u, password: CANARY}",
        "login: {user: '${SECRET}', password: x-y}",
        "login: {user: u, password_file: /file}",
        "hosts: [{name: a, login: {user: u, password: CANARY}}]",
        "hosts: [{name: a, login: {user: u, password_file: /file}}]",
        "hosts: [{name: '${SECRET}', login: {user: u}}]",
        "logins: {a: {user: u, password_file: /file}}",
        "logins: {a: {user: u, password: CANARY}}",
        "headers: {Authorization: CANARY, X-Auth-Token: CANARY}",
        "headers: {other: 'Bearer CANARY'}",
        "graph: {nodes: [{id: a, config: {password: CANARY}}]}",
        "graph: {nodes: [{id: a, config: {api_key: CANARY, apiKey: CANARY, API-KEY: CANARY}}]}",
        "graph: {config: {client_secret: CANARY, db_passwd: CANARY, private_key: CANARY}}",
        "graph: {config: {credentials: {user: CANARY, list: [CANARY]}}}",
        "graph: {config: {url: '${SECRET}', other: 'amqp://u:CANARY@h/v'}}",
        "graph: {headers: {authorization: CANARY, Cookie: CANARY}}",
        "unknown_key: CANARY",
      })
  void whatIsShownHoldsNoSecret(String text) {
    var document = read(text.replace("CANARY", CANARY));
    assertThat(Spec.of(Config.class).read(document, problems)).isPresent();
    assertThat(problems.hasErrors()).as(problems.toString()).isFalse();
    var shown = Json.quote(Masked.effective(document, Spec.of(Config.class)).toString());
    assertThat(shown).doesNotContain("CANARY").doesNotContain("d41d");
    assertThat(problems.toString()).doesNotContain("CANARY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token: [CANARY]",
        "token: {CANARY: CANARY}",
        "old_tokens: CANARY",
        "old_tokens: [[CANARY]]",
        "keys: CANARY",
        "keys: {a: [CANARY]}",
        "pin: CANARY",
        "pin: ${SECRET}",
        "ranged_pin: 424242",
        "secret_mode: CANARY",
        "secret_mode: fasst424242",
        "hidden_login: CANARY",
        "hidden_login: {user: [CANARY]}",
        "hidden_login: {user: CANARY, password: x}",
        "hidden_login: {user: quoting, password: CANARY}",
        "login: {user: quoting, password: CANARY}",
        "login: {user: quoting, password: '${SECRET}'}",
        "login: {user: quoting, password_file: /file}",
        "hosts: [{name: n, login: {user: quoting, password: CANARY}}]",
        "logins: {a: {user: quoting, password: CANARY}}",
        "port: ${SECRET}",
        "mode: ${SECRET}",
        "patience: ${SECRET}",
        "size: ${SECRET}",
        "share: ${SECRET}",
        "flag: ${SECRET}",
        "login: ${SECRET}",
        "hosts: [{name: n, port: '${SECRET}', login: {user: u}}]",
        "token: CANARY\ntoken_file: /file",
        "token_file: /CANARY-in-a-path-is-fine-but-not-${SECRET}",
        "token_file: [CANARY]",
        "token: *CANARY",
        "token: !CANARY",
      })
  void noProblemQuotesASecret(String text) {
    Documents.parseMapping("doc", bytes(text.replace("CANARY", CANARY)), problems)
        .map(this::filled)
        .ifPresent(tree -> Spec.of(Config.class).read(tree, problems));
    assertThat(problems.hasErrors()).isTrue();
    assertThat(problems.toString())
        .doesNotContain("CANARY")
        .doesNotContain("d41d")
        .doesNotContain("424242")
        .doesNotContain("Did you mean fast");
  }

  @Test
  void aShortSecretIsNotGivenAwayByTheMaskInItsPlace() {
    read("login: {user: u, password: xy}");
    assertThat(Spec.of(Config.class).read(read("login: {user: u, password: xy}"), problems))
        .isEmpty();
    assertThat(problems.all().getFirst().what()).doesNotContain("xy").contains("is not shown");
  }

  @Test
  void everySecretIsKnownToWhoeverMasksLogs() {
    var document =
        read(
            """
            token: one
            old_tokens: [two, three]
            keys: {a: four}
            hidden_login: {user: five, password: six}
            url: ${SECRET}
            hosts: [{name: shown, login: {user: shown, password: seven}}]
            headers: {Authorization: eight, other: shown}
            graph: {password: nine, list: [{api_key: [ten]}], other: shown}
            login: {user: shown, password: "  "}
            """);
    assertThat(Secrets.values(document, Spec.of(Config.class)))
        .containsExactlyInAnyOrder(
            "one", "two", "three", "four", "five", "six", CANARY, "seven", "eight", "nine", "ten");
  }

  @ParameterizedTest
  @CsvSource({
    "redis://user:pw@host/0, redis://user:***@host/0",
    "redis://:pw@host, redis://:***@host",
    "redis://:12/34@host, redis://:***@host",
    "redis://u:12a/34@host, redis://u:***@host",
    "https://token@host/x, https://***@host/x",
    "https://host:8080/users/@me, https://host:8080/users/@me",
    "https://host/a@b, https://host/a@b",
    "see http://a:b@c and more, see http://a:***@c and more",
    "mailto:a@b.c, mailto:a@b.c",
    "wss://h/x?topics=a&token=t, wss://h/x?topics=a&token=***",
    "Bearer abc.def, Bearer ***",
    "the bearer of news, the bearer *** news",
    "a=b, a=b",
    "plain, plain",
  })
  void textsAreShownWithoutCredentials(String text, String shown) {
    assertThat(Secrets.masked(text)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "password, true",
    "PASSWORD, true",
    "dbPassword, true",
    "client-secret, true",
    "x_api_key, true",
    "accessToken, true",
    "Proxy-Authorization, true",
    "password_file, false",
    "token_count, false",
    "key, false",
    "author, false",
  })
  void namesSayWhatIsASecret(String key, boolean secret) {
    assertThat(Secrets.soundsSecret(key)).isEqualTo(secret);
  }

  @Test
  void whatIsShownHasDefaultsAndOneFormForEachValue() {
    var document =
        Overrides.set(
            read("patience: 2000ms\nsize: 2048\nmode: SAFE\nhosts: [{name: n, login: {user: u}}]"),
            List.of("port=9000", "texts=a, b", "share=0.25"),
            problems);
    var shown = Masked.effective(document, Spec.of(Config.class));
    assertThat(shown.toString())
        .isEqualTo(
            """
            {"port":9000,"mode":"safe","patience":"2s","size":"2KiB","share":0.25,"flag":true,\
            "token":null,"old_tokens":[],"keys":{},"pin":null,"secret_mode":null,\
            "hidden_login":null,"ranged_pin":null,"url":null,"login":null,\
            "hosts":[{"name":"n","port":80,"login":{"user":"u","password":null}}],"logins":{},\
            "headers":{},"texts":["a","b"],"graph":null}\
            """);
  }

  @Test
  void aSecretMayStandInAFileInEveryNestedPlace() {
    var config =
        Spec.of(Config.class)
            .read(
                read(
                    """
                    token_file: /file
                    login: {user: u, password_file: /file}
                    hosts: [{name: a, login: {user: u, password_file: /file}}]
                    logins: {x: {user: u, password_file: /file}}
                    """),
                problems)
            .orElseThrow();
    assertThat(config.token()).isEqualTo(CANARY);
    assertThat(config.login()).isEqualTo(new Login("u", CANARY));
    assertThat(config.hosts().getFirst().login().password()).isEqualTo(CANARY);
    assertThat(config.logins().get("x")).isEqualTo(new Login("u", CANARY));
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void theFileOfASecretMayComeFromTheEnvironmentAndTakesPrecedence() {
    var document = Documents.parseMapping("doc", bytes("token: x"), problems).orElseThrow();
    var laidOver =
        Overrides.environment(document, Map.of("MILLRACE__TOKEN_FILE", "/file"), problems);
    var config = Spec.of(Config.class).read(filled(laidOver), problems).orElseThrow();
    assertThat(config.token()).isEqualTo(CANARY);

    var nearer = Overrides.set(laidOver, List.of("token=nearest"), problems);
    assertThat(Spec.of(Config.class).read(filled(nearer), problems).orElseThrow().token())
        .isEqualTo("nearest");
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    read("token_file: /nowhere");
    assertThat(problems.all()).hasSize(1);
    assertThat(problems.all().getFirst().toString())
        .contains("doc:1:13", "the file /nowhere cannot be read: there is no such file");
  }

  @Test
  void aSecretGivenBothWaysIsAnError() {
    read("token: a\ntoken_file: /file");
    assertThat(problems.all())
        .singleElement()
        .asString()
        .contains("doc:2:1", "both token and token_file are given");
  }

  @Test
  void theSchemaKnowsBothForms() {
    var optional = Spec.of(Login.class).schema();
    assertThat(optional.at("/properties/password_file/type").asString()).isEqualTo("string");
    assertThat(optional.at("/properties/password/writeOnly").booleanValue()).isTrue();
    assertThat(optional.at("/allOf").toString())
        .isEqualTo("[{\"not\":{\"required\":[\"password\",\"password_file\"]}}]");
    var required = Spec.of(Wanted.class).schema();
    assertThat(required.has("required")).isFalse();
    assertThat(required.at("/allOf").toString())
        .isEqualTo("[{\"oneOf\":[{\"required\":[\"key\"]},{\"required\":[\"key_file\"]}]}]");
    assertThat(Spec.of(Wanted.class).fileForms()).containsOnlyKeys("key_file");
  }

  @Test
  void aMissingSecretIsAskedForInBothForms() {
    assertThat(Spec.of(Wanted.class).read(read(""), problems)).isEmpty();
    assertThat(problems.all().getFirst().fix())
        .isEqualTo("Add it, or key_file: What opens the door.");
  }

  private Tree.Mapping read(String text) {
    var tree = Documents.parse("doc", bytes(text), problems).orElseThrow();
    return filled((Tree.Mapping) tree);
  }

  private Tree.Mapping filled(Tree.Mapping tree) {
    var substituted = new Substitution(Map.of(), environment::get, files, problems).apply(tree);
    return new SecretFiles(files, problems).apply(substituted, Spec.of(Config.class));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  record Badge(String name, @Secret String token) {}

  record House(List<Badge> tokens, Map<String, Badge> named, @Nullable Badge one) {}

  record Peer(List<String> hosts) {
    Peer {
      throw new IllegalArgumentException("hosts has " + hosts);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens: CANARY",
        "tokens: [ CANARY ]",
        "named: CANARY",
        "named: { a: CANARY }",
        "one: CANARY"
      })
  void whatStandsInThePlaceOfAPartThatHoldsASecretIsNotQuoted(String text) {
    var problems = new Problems();
    var tree =
        Documents.parse("test", text.getBytes(StandardCharsets.UTF_8), problems).orElseThrow();
    assertThat(Spec.of(House.class).read(tree, problems)).isEmpty();
    assertThat(problems.toString()).contains("error").doesNotContain("CANARY");
  }

  @Test
  void aPasswordInAnAddressIsNotQuotedByARecordsOwnComplaint() {
    var problems = new Problems();
    var text = "hosts: [ \"ws://guest:CANARY@127.0.0.1:9/x\" ]";
    var tree =
        Documents.parse("test", text.getBytes(StandardCharsets.UTF_8), problems).orElseThrow();
    assertThat(Spec.of(Peer.class).read(tree, problems)).isEmpty();
    assertThat(problems.toString()).contains("hosts has").doesNotContain("CANARY");
  }
}
