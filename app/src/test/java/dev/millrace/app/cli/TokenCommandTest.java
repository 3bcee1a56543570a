package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenCommandTest extends CommandFixture {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void nothingButTheTokenIsPrinted() throws Exception {
    var config = config("auth: { jwt: { secret: " + SECRET + ", issuer: me } }\n");
    assertThat(mint("--config", config, "--role", "operator", "--sub", "ada", "--ttl", "15m"))
        .as(err())
        .isZero();
    assertThat(err()).isEmpty();
    assertThat(out()).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\n");
    var claims = claims();
    assertThat(claims.path("sub").asString()).isEqualTo("ada");
    assertThat(claims.path("role").asString()).isEqualTo("operator");
    assertThat(claims.path("iss").asString()).isEqualTo("me");
    assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(900);
  }

  @Test
  void withoutARoleItIsAClientsForADay() throws Exception {
    var config = config("auth: { jwt: { secret: " + SECRET + " } }\n");
    assertThat(mint("--config", config, "--sub", "client")).isZero();
    assertThat(claims().has("role")).isFalse();
    assertThat(claims().path("exp").asLong() - claims().path("iat").asLong()).isEqualTo(86_400);
  }

  @Test
  void aConfigurationThatCannotSignIsSaidToBeSo() throws Exception {
    assertThat(mint("--config", config("server: {}\n"), "--sub", "ada")).isEqualTo(78);
    assertThat(err()).contains("there is no secret to sign with");
    assertThat(mint("--config", config("auth: { jwt: { secret: short } }\n"), "--sub", "ada"))
        .isEqualTo(78);
    assertThat(err()).contains("1 error; no token was made.");
    assertThat(mint("--config", folder.resolve("nowhere").toString(), "--sub", "ada"))
        .isEqualTo(78);
    assertThat(out()).isEmpty();
  }

  @Test
  void wrongOptionsAreUsage() throws Exception {
    var config = config("auth: { jwt: { secret: " + SECRET + " } }\n");
    assertThat(mint("--config", config)).isEqualTo(2);
    assertThat(mint("--sub", "ada")).isEqualTo(2);
    assertThat(mint("--config", config, "--sub", " ")).isEqualTo(2);
    assertThat(mint("--config", config, "--sub", "ada", "--role", "king")).isEqualTo(2);
    assertThat(mint("--config", config, "--sub", "ada", "--ttl", "0s")).isEqualTo(2);
    assertThat(out()).isEmpty();
    assertThat(millrace("token")).isZero();
    assertThat(out()).contains("Usage: millrace token", "mint");
    out.reset();
    assertThat(millrace("token", "mint", "--help")).isZero();
    assertThat(out()).contains("--ttl");
  }

  private static int mint(String... options) {
    var arguments = new java.util.ArrayList<>(java.util.List.of("token", "mint"));
    arguments.addAll(java.util.List.of(options));
    return millrace(arguments.toArray(String[]::new));
  }

  private JsonNode claims() {
    return Json.tree(Base64.getUrlDecoder().decode(out().split("\\.", -1)[1]));
  }

  private String config(String content) throws IOException {
    return write("millrace.yaml", content);
  }
}
