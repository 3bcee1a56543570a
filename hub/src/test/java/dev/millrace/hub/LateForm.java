package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Frames of [PlainForm], some of which are made when the test says so, and then have something
/// behind their text. Texts that end with `!` cannot be made in that way.
final class LateForm implements WireForm {
  private final PlainForm plain;
  private final Predicate<Message> isLong;
  private final int room;
  private final String mark;
  private final List<Runnable> making = new ArrayList<>(); // begun and not finished

  LateForm(String name, Predicate<Message> takesLong, int room, String mark) {
    this.plain = new PlainForm(name);
    this.isLong = takesLong;
    this.room = room;
    this.mark = mark;
  }

  boolean isIdle() {
    return making.isEmpty();
  }

  /// Makes the frame that was begun as that number of those that are open.
  void finish(int number) {
    making.remove(number).run();
  }

  /// Makes any one frame, if one was begun.
  void finishAny(Random random) {
    if (!making.isEmpty()) {
      finish(random.nextInt(making.size()));
    }
  }

  @Override
  public String name() {
    return plain.name();
  }

  @Override
  public int sizeLimit(Message message) {
    return plain.sizeLimit(message);
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    return plain.encode(message, stamp, out);
  }

  @Override
  public @Nullable Reencoder reencoderOf(WireForm other) {
    return plain.reencoderOf(other);
  }

  @Override
  public boolean takesLong(Message message) {
    return isLong.test(message);
  }

  @Override
  public boolean encodeElsewhere(Message message, Stamp stamp, Consumer<@Nullable MadeFrame> done) {
    if (making.size() == room) {
      return false;
    }
    making.add(() -> done.accept(made(message)));
    return true;
  }

  private @Nullable MadeFrame made(Message message) {
    var text = new String(message.payload(), StandardCharsets.UTF_8);
    if (text.endsWith("!") || message.type().equals("unencodable")) {
      return null;
    }
    var bytes = (text + mark).getBytes(StandardCharsets.UTF_8);
    var frame = Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
    return new MadeFrame(ByteBufUtil.getBytes(frame), -1, 3);
  }
}
