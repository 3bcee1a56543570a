package dev.millrace.classify;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/// Labels JSON objects by one of their texts. Each goes on with `label`, `probability` and `margin`
/// as its last members and every byte it had; a member of the same name that was there stays in
/// front, and readers that keep the last one see ours. A frame without the text is refused and
/// counted.
public final class ClassifyNode implements Processor {
  public static final NodeType<Config> TYPE =
      NodeType.transform(
          "Classify",
          "Adds label, probability and margin to JSON objects, by a naive Bayes model of their"
              + " text.",
          Config.class,
          ClassifyNode::new);

  private static final Logger log = LoggerFactory.getLogger(ClassifyNode.class);
  private static final byte[] MARGIN = ascii(",\"margin\":");

  private final Config config;
  private final String noText;
  private @Nullable Running running; // set by open, before any frame

  /// The keys of a `Classify` node.
  public record Config(
      @About("The naive Bayes model, a JSON file.") String model,
      @About("The key of the text in each object.") @Default("text") String text) {}

  public ClassifyNode(Config config) {
    this.config = config;
    this.noText = "the frame is no JSON object with a text under \"" + config.text() + "\"";
  }

  @Override
  public void open(NodeContext context) throws ProblemException {
    var file = context.resolve(config.model());
    var model = NaiveBayesReader.read(file);
    model.warnings().forEach(warning -> log.warn("{}", warning));
    running = new Running(context, model);
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var here = opened();
    if (!(frame.body() instanceof Body.JsonBytes json)) {
      here.context.rejected("no_text", noText);
      return;
    }
    var bytes = json.bytes();
    String text;
    try {
      text = textIn(bytes);
    } catch (JacksonException broken) {
      here.context.rejected("broken_json", broken.getOriginalMessage());
      return;
    }
    if (text == null) {
      here.context.rejected("no_text", noText);
      return;
    }
    outlet.emit(frame.withBody(new Body.JsonBytes(here.labelled(bytes, text))));
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    opened().counts.flush();
  }

  @Override
  public void close() {
    if (running != null) {
      running.counts.flush();
      running = null;
    }
  }

  /// The text under the key, the last one if there are several, or null. Reads to the end: what is
  /// put before the last brace must stand in the object that the first one began.
  private @Nullable String textIn(byte[] bytes) {
    try (var parser = Json.parser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String text = null;
      for (var name = parser.nextName(); name != null; name = parser.nextName()) {
        var value = parser.nextToken();
        if (name.equals(config.text())) {
          text = value == JsonToken.VALUE_STRING ? parser.getString() : null;
        }
        parser.skipChildren();
      }
      return parser.nextToken() == null ? text : null;
    }
  }

  private Running opened() {
    if (running == null) {
      throw new IllegalStateException("a frame came before open or after close");
    }
    return running;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// What lives from open to close.
  private static final class Running {
    private final NodeContext context;
    private final NaiveBayesClassifier classifier;
    private final LabelCounts counts;
    private final byte[][] members; // ,"label":"…","probability": by label
    private final byte[] numbers = new byte[MARGIN.length + 2 * Decimals.MAX_BYTES];

    Running(NodeContext context, NaiveBayesModel model) {
      this.context = context;
      this.classifier = new NaiveBayesClassifier(model);
      this.counts = new LabelCounts(model.labels(), context.metrics());
      this.members = members(model.labels());
    }

    byte[] labelled(byte[] bytes, String text) {
      var found = classifier.classify(text);
      counts.count(found.labelIndex());
      var member = members[found.labelIndex()];
      int end = Decimals.write(found.probability(), numbers, 0);
      System.arraycopy(MARGIN, 0, numbers, end, MARGIN.length);
      end = Decimals.write(found.margin(), numbers, end + MARGIN.length);

      int brace = bytes.length - 1;
      while (bytes[brace] != '}') {
        brace--; // only white space can follow
      }
      var result = new byte[bytes.length + member.length + end];
      System.arraycopy(bytes, 0, result, 0, brace);
      System.arraycopy(member, 0, result, brace, member.length);
      System.arraycopy(numbers, 0, result, brace + member.length, end);
      System.arraycopy(bytes, brace, result, brace + member.length + end, bytes.length - brace);
      return result;
    }

    private static byte[][] members(List<String> labels) {
      return labels.stream()
          .map(label -> ",\"label\":" + Json.quote(label) + ",\"probability\":")
          .map(member -> member.getBytes(StandardCharsets.UTF_8))
          .toArray(byte[][]::new);
    }
  }
}
