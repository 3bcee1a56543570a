package dev.millrace.engine.checkpoint;

import dev.millrace.core.node.SourcePosition;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/// A checkpoint as bytes, big-endian: `MILLCKPT`, version, pipeline, id, time, the count of nodes;
/// per node id, type, version, a byte of flags, the position if it has one, the state if it has
/// one; last the CRC32C of all before. Strings are UTF-8 behind their length in bytes. Pure
/// functions.
final class CheckpointCodec {
  private static final long MAGIC = 0x4d494c4c434b5054L; // MILLCKPT
  private static final int VERSION = 1;

  private static final int ENDED = 1;
  private static final int POSITION = 2;
  private static final int REPEATS = 4;
  private static final int STATE = 8;
  private static final int ALL_FLAGS = 15;

  private static final int MOST_STRING_BYTES = 1 << 20;
  private static final int LEAST_NODE_BYTES = 3 * Integer.BYTES + 1;
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  /// What frames, names and positions may take beside the states.
  static final long MOST_OTHER_BYTES = 64L << 20;

  private CheckpointCodec() {}

  static void write(String pipeline, Checkpoint checkpoint, OutputStream to) throws IOException {
    var sum = new CRC32C();
    var out = new DataOutputStream(new CheckedOutputStream(to, sum));
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    writeString(out, pipeline);
    out.writeLong(checkpoint.id());
    out.writeLong(checkpoint.epochMicros());
    out.writeInt(checkpoint.nodes().size());
    for (var node : checkpoint.nodes()) {
      write(out, node);
    }
    out.writeInt((int) sum.getValue());
    out.flush();
  }

  private static void write(DataOutputStream out, SavedNode node) throws IOException {
    writeString(out, node.key().id());
    writeString(out, node.key().type());
    writeString(out, node.key().version());
    var position = node.position();
    var state = node.bytes();
    out.writeByte(
        (node.ended() ? ENDED : 0)
            | (position == null ? 0 : POSITION)
            | (position != null && position.repeats() ? REPEATS : 0)
            | (state == null ? 0 : STATE));
    if (position != null) {
      writeString(out, position.stream());
      out.writeLong(position.ordinal());
    }
    if (state != null) {
      out.writeInt(state.length);
      out.write(state);
    }
  }

  private static void writeString(DataOutputStream out, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MOST_STRING_BYTES) {
      throw new IOException("a name of " + bytes.length + " bytes does not go into a checkpoint");
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /// The checkpoint of `pipeline` that a whole file holds.
  ///
  /// @throws IOException if it holds something else, or not all of it
  static Checkpoint read(String pipeline, byte[] file) throws IOException {
    int body = file.length - CHECKSUM_BYTES;
    if (body < 0) {
      throw new IOException("it has only " + file.length + " bytes");
    }
    var sum = new CRC32C();
    sum.update(file, 0, body);
    if ((int) sum.getValue() != ByteBuffer.wrap(file).getInt(body)) {
      throw new IOException("its checksum does not fit: it was not written to its end, or changed");
    }
    return parse(pipeline, ByteBuffer.wrap(file, 0, body).slice());
  }

  /// All but the checksum.
  static Checkpoint parse(String pipeline, ByteBuffer in) throws IOException {
    if (in.remaining() < Long.BYTES + Integer.BYTES || in.getLong() != MAGIC) {
      throw new IOException("it is no checkpoint");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new IOException("it is of version " + version + ", and this reads " + VERSION);
    }
    var owner = string(in);
    if (!owner.equals(pipeline)) {
      throw new IOException("it is of the pipeline " + owner);
    }
    need(in, 2L * Long.BYTES + Integer.BYTES);
    long id = in.getLong();
    long time = in.getLong();
    int count = in.getInt();
    if (id < 1 || count < 0 || count > in.remaining() / LEAST_NODE_BYTES) {
      throw new IOException("it has the id " + id + " and says that it has " + count + " nodes");
    }
    var nodes = new ArrayList<SavedNode>(count);
    var ids = new HashSet<String>();
    for (int i = 0; i < count; i++) {
      var node = node(in);
      if (!ids.add(node.key().id())) {
        throw new IOException("it has the node " + node.key().id() + " twice");
      }
      nodes.add(node);
    }
    if (in.hasRemaining()) {
      throw new IOException(in.remaining() + " bytes follow its last node");
    }
    return new Checkpoint(id, time, nodes);
  }

  private static SavedNode node(ByteBuffer in) throws IOException {
    var key = new NodeKey(string(in), string(in), string(in));
    need(in, 1);
    int flags = in.get();
    if ((flags & ~ALL_FLAGS) != 0 || (flags & (REPEATS | POSITION)) == REPEATS) {
      throw new IOException("the node " + key.id() + " has the flags " + flags);
    }
    SourcePosition position = null;
    if ((flags & POSITION) != 0) {
      var stream = string(in);
      need(in, Long.BYTES);
      position = new SourcePosition(stream, in.getLong(), (flags & REPEATS) != 0);
    }
    return new SavedNode(key, (flags & ENDED) != 0, position, state(in, flags));
  }

  private static byte @Nullable [] state(ByteBuffer in, int flags) throws IOException {
    if ((flags & STATE) == 0) {
      return null;
    }
    need(in, Integer.BYTES);
    return bytes(in, in.getInt());
  }

  private static String string(ByteBuffer in) throws IOException {
    need(in, Integer.BYTES);
    int length = in.getInt();
    if (length > MOST_STRING_BYTES) {
      throw new IOException("a name of " + length + " bytes");
    }
    var bytes = bytes(in, length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException broken) {
      throw new IOException("a name that is no UTF-8", broken);
    }
  }

  private static byte[] bytes(ByteBuffer in, int length) throws IOException {
    if (length < 0) {
      throw new IOException("a length of " + length);
    }
    need(in, length);
    var bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void need(ByteBuffer in, long bytes) throws IOException {
    if (in.remaining() < bytes) {
      throw new IOException("it ends " + (bytes - in.remaining()) + " bytes too early");
    }
  }
}
