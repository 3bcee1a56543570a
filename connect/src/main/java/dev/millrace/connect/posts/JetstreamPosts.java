package dev.millrace.connect.posts;

import dev.millrace.connect.jetstream.EventReading;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Turns created and updated posts that have a text of at least one character into
/// `{"did":…,"uri":…,"text":…,"langs":[…],"time_us":…}`; everything else is filtered out. `langs`
/// holds the first language and is left out when there is none. The text keeps the escapes it came
/// with.
public final class JetstreamPosts implements Processor {

  public static final NodeType<Config> TYPE =
      NodeType.transform(
          "JetstreamPosts",
          "Passes on the posts of a Jetstream stream as did, uri, text, langs and time_us.",
          Config.class,
          config -> new JetstreamPosts());

  /// Nothing to set.
  public record Config() {}

  private static final byte[] DID = ascii("{\"did\":");
  private static final byte[] URI = ascii(",\"uri\":");
  private static final byte[] TEXT = ascii(",\"text\":");
  private static final byte[] LANGS = ascii(",\"langs\":[");
  private static final byte[] TIME = ascii(",\"time_us\":");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
  private @Nullable NodeContext context;

  @Override
  public void open(NodeContext opened) {
    context = opened;
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (!(frame.body() instanceof Body.JsonBytes json)) {
      reject("not_json", "the frame holds no JSON");
      return;
    }
    switch (json.view(JetstreamEvent.VIEW)) {
      case JetstreamEvent event -> {
        if (isPost(event)) {
          outlet.emit(frame.withBody(new Body.JsonBytes(post(event))));
        }
      }
      case EventReading.Malformed malformed ->
          reject(malformed.reason().label(), malformed.sentence());
    }
  }

  private static boolean isPost(JetstreamEvent event) {
    return JetstreamEvent.POST.equals(event.collection())
        && event.hasText()
        && event.isCommit()
        && event.hasRkey()
        && (JetstreamEvent.CREATE.equals(event.operation())
            || JetstreamEvent.UPDATE.equals(event.operation()));
  }

  private byte[] post(JetstreamEvent event) {
    out.reset();
    out.writeBytes(DID);
    event.copyDidToken(out);
    out.writeBytes(URI);
    out.writeBytes(Json.quoted(String.valueOf(event.atUri())));
    out.writeBytes(TEXT);
    event.copyTextToken(out);
    var lang = event.lang();
    if (lang != null) {
      out.writeBytes(LANGS);
      out.writeBytes(Json.quoted(lang));
      out.write(']');
    }
    out.writeBytes(TIME);
    out.writeBytes(ascii(Long.toString(event.timeUs())));
    out.write('}');
    return out.toByteArray();
  }

  private void reject(String reason, String sentence) {
    var opened = context;
    if (opened != null) {
      opened.rejected(reason, sentence);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
