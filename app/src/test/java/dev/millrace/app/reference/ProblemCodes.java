package dev.millrace.app.reference;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What the codes of problems mean. A test finds a code in the source that is missing here, and one
/// here that is nowhere any more.
final class ProblemCodes {
  private ProblemCodes() {}

  /// Heading to code to meaning.
  static SequencedMap<String, SequencedMap<String, String>> all() {
    var all = new LinkedHashMap<String, SequencedMap<String, String>>();
    all.put("Reading a configuration", reading());
    all.put("Graphs and pipelines", graphs());
    all.put("Addresses, access and certificates", access());
    all.put("Data", data());
    all.put("Publishing", publishing());
    all.put("Warnings", warnings());
    return all;
  }

  private static SequencedMap<String, String> reading() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("E_CONFIG_MISSING", "There is no configuration file of that name.");
    codes.put("E_UNREADABLE", "A file that the configuration names cannot be read.");
    codes.put("E_SYNTAX", "It is not YAML or JSON, or it is beyond a limit: size, depth, aliases.");
    codes.put("E_DUPLICATE_KEY", "A key stands twice in one mapping.");
    codes.put(
        "E_BAD_CONFIG", "A value is of the wrong kind or out of range, or does not fit others.");
    codes.put("E_MISSING_KEY", "A required key is missing.");
    codes.put("E_BAD_OVERRIDE", "A `--set` or a `MILLRACE__…` variable cannot be read.");
    codes.put("E_UNSET_VARIABLE", "`${NAME}` is not set and has no default.");
    codes.put("E_DUPLICATE_PIPELINE", "Two pipelines have one name.");
    codes.put(
        "E_NOTHING_TO_REPLACE", "`--replay` or the demo found no live source to stand in for.");
    codes.put(
        "E_NEEDS_RESTART",
        "A reload is sound, but not together with values that wait for the next start.");
    codes.put(
        "E_PART_FAILED", "A part of the process failed while it prepared a reload; see the log.");
    return codes;
  }

  private static SequencedMap<String, String> graphs() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("E_NODES", "`nodes` is missing or not a list of mappings.");
    codes.put("E_NODE_ID", "A node has no id.");
    codes.put("E_NODE_TYPE", "A node has no type.");
    codes.put("E_UNKNOWN_TYPE", "There is no node type of that name; see [nodes](nodes.md).");
    codes.put("E_DUPLICATE_ID", "Two nodes have one id.");
    codes.put("E_AMBIGUOUS", "Two keys stand in one place that mean the same.");
    codes.put("E_EDGE", "A connection is not a mapping with `from` and `to`.");
    codes.put("E_UNKNOWN_NODE", "A connection names a node that is not there.");
    codes.put(
        "E_PORT",
        "A connection leaves a sink, enters a source, or joins ports of different kinds of data.");
    codes.put("E_JSON", "A graph document is not JSON or YAML, or a key stands twice.");
    codes.put("E_CYCLE", "Nodes feed each other, or one feeds itself, dead letters included.");
    codes.put("E_LIMIT", "A graph has too many nodes, connections or bytes.");
    codes.put("E_UNKNOWN_PIPELINE", "There is no pipeline of that name.");
    codes.put("E_NO_PIPELINE", "A file holds no graph, and no pipeline that is meant.");
    codes.put("E_NO_FILE", "There is no graph file of that name.");
    codes.put("E_CHANGE", "A running pipeline keeps its graph: nodes do not get on, or it ends.");
    codes.put("E_CALLED_OFF", "A pipeline keeps its graph, since another does that changes too.");
    codes.put("E_NEEDS_NEW_RUN", "A change of a graph takes a new run of its pipeline.");
    codes.put("E_CONFIGURED", "A pipeline stands in the configuration and is removed there.");
    codes.put("E_FILE", "A node's file cannot be read or written, or is of another kind.");
    codes.put("E_FRAME", "What stands for a frame is none; the message says where.");
    codes.put("E_TRIGGER", "A pipeline takes no frame from outside now, or nowhere.");
    codes.put("E_PLUGIN", "A jar in `plugins/` cannot be used, or takes a name that is taken.");
    codes.put("E_NODE_CREATE", "A node could not be made.");
    codes.put("E_NODE_OPEN", "A node could not be opened.");
    codes.put("E_CHECKPOINT", "The folder of a pipeline's checkpoints cannot be read or changed.");
    codes.put("E_PIPELINE_START", "A pipeline could not start.");
    codes.put("E_PATH", "A node's path leaves the data directory.");
    codes.put("E_REPLAY", "A recording cannot be played.");
    codes.put("E_SQLITE", "A database cannot be opened, or is not one of ours.");
    codes.put("E_BAD_MODEL", "A classifier's model cannot be read.");
    codes.put("E_BAD_TRAINING_DATA", "There is nothing in the data to learn from, or too much.");
    codes.put("E_BUSY", "Another change of the same pipelines is under way.");
    codes.put("E_INTERRUPTED", "A change of the pipelines was called off.");
    codes.put("E_NOT_SERVING", "The process is starting or stopping, and changes no pipelines.");
    codes.put("E_SHUTTING_DOWN", "The process is stopping, and starts no pipeline.");
    return codes;
  }

  private static SequencedMap<String, String> access() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("E_BAD_ADDRESS", "The address to listen on is not this machine's, or no address.");
    codes.put("E_PORT_IN_USE", "Another program listens there.");
    codes.put("E_PORT_NOT_PERMITTED", "This user may not listen on that port.");
    codes.put(
        "E_PUBLIC_WITHOUT_AUTH", "An address other than loopback, and nobody would be asked.");
    codes.put(
        "E_PUBLIC_ADMIN", "An address other than loopback, and `noc` or `admin` is anonymous.");
    codes.put("E_BAD_TLS", "Certificate or key cannot be used, or do not belong together.");
    codes.put("E_NO_CERTIFICATE", "A listener speaks TLS, and `server.tls` is not there.");
    codes.put("E_BAD_KEY", "A key for JSON web tokens cannot be used.");
    codes.put("E_BAD_JWKS", "A key set cannot be used.");
    codes.put("E_DUPLICATE_KID", "Two keys for JSON web tokens have one `kid`.");
    codes.put("E_TOO_MANY_KEYS", "There are too many keys for JSON web tokens.");
    codes.put("E_UNREADABLE_FILE", "A file with a key for JSON web tokens cannot be read.");
    codes.put("E_NO_SECRET", "`token mint` has no secret to sign with.");
    return codes;
  }

  private static SequencedMap<String, String> data() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("E_DATA_DIRECTORY", "The data directory cannot be used.");
    codes.put("E_DATA_IN_USE", "Another process uses the data directory.");
    codes.put("E_DATA_FORMAT", "The data is in a format of a newer version, or of none.");
    codes.put("E_DATA_EXISTS", "There is something already where a backup would be restored.");
    codes.put("E_BAD_BACKUP", "A backup is not one, or was altered or cut off.");
    codes.put("E_RESTORE", "A backup cannot be restored there: no room, no permission.");
    return codes;
  }

  private static SequencedMap<String, String> publishing() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("E_TOPIC_NAME", "No topic can be called that.");
    codes.put("E_PAYLOAD", "What a program that embeds the server publishes is no JSON.");
    codes.put("E_MESSAGE_NAME", "An event's type, id or correlation id is too long or missing.");
    codes.put("E_MESSAGE_TOO_LARGE", "An event is over `hub.max_message`.");
    codes.put("E_BATCH_TOO_LARGE", "More events at once than may wait.");
    codes.put("E_TOO_MANY_TOPICS", "There are `hub.max_topics` topics already.");
    codes.put("E_CLOSED", "The server is stopping.");
    return codes;
  }

  private static SequencedMap<String, String> warnings() {
    var codes = new LinkedHashMap<String, String>();
    codes.put("W_UNKNOWN_KEY", "A key is not known and has no effect.");
    codes.put(
        "W_PART_FAILED", "A reload is in force, but one part has not taken it up; see the log.");
    codes.put(
        "W_UNTIL_RELOAD",
        "A configured pipeline has another graph until a changed configuration is taken over.");
    codes.put("W_JWKS_KEY", "A key of a key set is not for us, and is passed over.");
    codes.put("W_EMPTY", "A graph has no nodes.");
    codes.put("W_NO_SINK", "No node of a graph takes frames in the end.");
    codes.put("W_RANGE", "A number is beyond what usually makes sense.");
    codes.put("W_FANIN_INTERLEAVE", "A node gets frames of several nodes in no common order.");
    codes.put(
        "W_BREAKER_USELESS",
        "A circuit breaker never acts, because the first failure ends the graph.");
    codes.put("W_ISOLATED", "Nothing takes the frames of a source.");
    codes.put("W_BRANCH", "An edge names a branch for which the node in front of it never emits.");
    codes.put("W_DUP_EDGE", "Two nodes are connected twice; each frame arrives twice.");
    codes.put("W_MODEL_NO_WORDS", "A label of a model has no words.");
    codes.put("W_MODEL_PRIORS", "The probabilities of a model's labels do not add up to 1.");
    codes.put("W_MODEL_UNSMOOTHED", "A model leaves no probability for words it has not seen.");
    return codes;
  }
}
