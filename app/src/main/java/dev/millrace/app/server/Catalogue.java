package dev.millrace.app.server;

import dev.millrace.classify.ClassifyNode;
import dev.millrace.connect.jetstream.JetstreamSource;
import dev.millrace.connect.posts.JetstreamPosts;
import dev.millrace.connect.replay.ReplaySource;
import dev.millrace.connect.simulated.SimulatedFirehose;
import dev.millrace.connect.sqlite.SqliteSink;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.hub.Hub;
import dev.millrace.hub.PublishNode;
import dev.millrace.net.EventLoops;
import dev.millrace.signals.bridge.BridgeTypes;
import dev.millrace.signals.control.ControlTypes;
import dev.millrace.signals.device.AudioDevices;
import dev.millrace.signals.device.DeviceTypes;
import dev.millrace.signals.file.FileTypes;
import dev.millrace.signals.generate.GenerateTypes;
import dev.millrace.signals.print.PrintTypes;
import dev.millrace.signals.process.ProcessTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Every node type of the product, in the order the reference lists them.
public final class Catalogue {
  private Catalogue() {}

  /// The services are asked for when a node opens, so a catalogue can be made before they are.
  public static NodeCatalogue of(Supplier<EventLoops> loops, Supplier<Hub> hub) {
    var types =
        new ArrayList<NodeType<?>>(
            List.of(
                JetstreamSource.type(loops),
                ReplaySource.TYPE,
                SimulatedFirehose.TYPE,
                JetstreamPosts.TYPE,
                ClassifyNode.TYPE,
                PublishNode.type(hub),
                SqliteSink.TYPE));
    types.addAll(GenerateTypes.ALL);
    types.addAll(ProcessTypes.ALL);
    types.addAll(DeviceTypes.of(AudioDevices.NONE));
    types.addAll(ControlTypes.ALL);
    types.addAll(FileTypes.ALL);
    types.addAll(BridgeTypes.ALL);
    types.addAll(PrintTypes.all());
    return new NodeCatalogue(types);
  }

  /// A catalogue to read graphs with; its nodes cannot be opened.
  public static NodeCatalogue forChecking() {
    return of(
        () -> {
          throw onlyForChecking();
        },
        () -> {
          throw onlyForChecking();
        });
  }

  private static IllegalStateException onlyForChecking() {
    return new IllegalStateException("this catalogue is for checking graphs only");
  }
}
