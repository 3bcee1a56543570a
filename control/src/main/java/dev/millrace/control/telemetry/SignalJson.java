package dev.millrace.control.telemetry;

import dev.millrace.core.json.Json;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.spec.Secret;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Draws records as JSON, the same way for events and for REST: components become keys in
/// `snake_case`, in their order; enums and pipeline states their names; moments RFC 3339 in UTC; an
/// unknown value is null. A component `epochMicros` becomes the moment `at`. Components marked
/// [Secret] are left out.
///
/// Safe from any thread. Reflection is looked up once per class.
public final class SignalJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// One component: its key, how to read it, and whether it holds microseconds since the epoch.
  private record Part(String key, Method accessor, boolean moment) {}

  private static final ClassValue<List<Part>> PARTS =
      new ClassValue<>() {
        @Override
        protected List<Part> computeValue(Class<?> type) {
          return Arrays.stream(type.getRecordComponents())
              .filter(component -> !component.isAnnotationPresent(Secret.class))
              .map(SignalJson::part)
              .toList();
        }
      };

  private SignalJson() {}

  /// The payload of a signal's event; empty when it has nothing to say beyond its name.
  public static ObjectNode payload(Signal signal) {
    if (signal instanceof PipelineStateChanged change) {
      return of(change).put("error", messageOf(change.to()));
    }
    return signal instanceof Record fields ? of(fields) : NODES.objectNode();
  }

  /// A record as an object.
  public static ObjectNode of(Record fields) {
    var json = Json.mapper().createObjectNode();
    for (var part : PARTS.get(fields.getClass())) {
      json.set(part.key, part.moment ? moment(fields, part) : value(read(fields, part)));
    }
    return json;
  }

  /// Microseconds since the Unix epoch as a moment.
  public static Instant instant(long epochMicros) {
    return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS);
  }

  private static JsonNode moment(Record fields, Part part) {
    return read(fields, part) instanceof Long micros ? value(instant(micros)) : NODES.nullNode();
  }

  private static JsonNode value(@Nullable Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case JsonNode node -> node;
      case String text -> NODES.stringNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Double number ->
          Double.isFinite(number) ? NODES.numberNode(number.doubleValue()) : NODES.nullNode();
      case Integer number -> NODES.numberNode(number.intValue());
      case Long number -> NODES.numberNode(number.longValue());
      case Enum<?> constant -> NODES.stringNode(constant.name());
      case Instant moment -> NODES.stringNode(moment.toString());
      case PipelineState state -> NODES.stringNode(state.name());
      case Record fields -> of(fields);
      case Map<?, ?> map -> object(map);
      case Collection<?> items -> array(items);
      default ->
          throw new IllegalArgumentException(
              "an event cannot hold a " + value.getClass().getName());
    };
  }

  private static ObjectNode object(Map<?, ?> map) {
    var json = NODES.objectNode();
    map.forEach((name, one) -> json.set(String.valueOf(name), value(one)));
    return json;
  }

  private static ArrayNode array(Collection<?> items) {
    var json = NODES.arrayNode(items.size());
    items.forEach(item -> json.add(value(item)));
    return json;
  }

  private static @Nullable String messageOf(PipelineState state) {
    return state instanceof PipelineState.Error(var message, var recoverable) ? message : null;
  }

  private static @Nullable Object read(Record fields, Part part) {
    try {
      return part.accessor.invoke(fields);
    } catch (IllegalAccessException | InvocationTargetException impossible) {
      throw new IllegalStateException(
          part.key + " of " + fields.getClass() + " is not readable", impossible);
    }
  }

  private static Part part(RecordComponent component) {
    boolean moment = component.getName().equals("epochMicros");
    component.getAccessor().setAccessible(true);
    return new Part(
        moment ? "at" : snakeCase(component.getName()), component.getAccessor(), moment);
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
