package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CategoryTest {
  @Test
  void theTypeDecidesTheCategory() {
    for (var type :
        List.of(
            "server_ready",
            "server_hello",
            "client_hello_ack",
            "connection_state_change",
            "subscription_update",
            "error",
            "pong",
            "PONG",
            "PING")) {
      assertThat(Category.of(type)).as(type).isEqualTo(Category.WSE);
    }
    for (var type : List.of("user_snapshot", "snapshot_complete", "a_snapshot_b", "x_snapshot_")) {
      assertThat(Category.of(type)).as(type).isEqualTo(Category.S);
    }
    for (var type :
        List.of("heartbeat", "health_check_response", "rate_limit_warning", "batch", "snapshot")) {
      assertThat(Category.of(type)).as(type).isEqualTo(Category.U);
    }
  }

  @Test
  void aCategoryIsKnownByItsVeryName() {
    assertThat(Category.named("S")).isEqualTo(Category.S);
    assertThat(Category.named("WSE")).isEqualTo(Category.WSE);
    assertThat(Category.named("U")).isEqualTo(Category.U);
    assertThat(Category.named("u")).isNull();
    assertThat(Category.named("")).isNull();
  }

  @Test
  void aCategoryCountsOnlyDirectlyBeforeTheBrace() {
    assertThat(start("{}")).isZero();
    assertThat(start("U{}")).isEqualTo(1);
    assertThat(start("S{}")).isEqualTo(1);
    assertThat(start("WSE{}")).isEqualTo(3);
    for (var other : List.of("", "U", "WSE", "U {}", "X{}", "WS{}", "U[", "[{}]")) {
      assertThat(start(other)).as(other).isEqualTo(-1);
    }
  }

  private static int start(String text) {
    var bytes = WireFrame.bytes(text);
    return Category.objectStart(bytes, 0, bytes.length);
  }
}
