package dev.millrace.signals.file;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;

/// The node types of this package.
public final class FileTypes {
  public static final NodeType<FileSource.Config> FILE_SOURCE =
      NodeType.source(
              "FileSource",
              "Reads frames from a file of CSV or JSON lines.",
              FileSource.Config.class,
              FileSource::new)
          .alsoCalled("filesource", "file_source")
          .shownAs(new Palette("File Source", Palette.Category.SOURCES, null, DataType.ANY));

  public static final NodeType<FileSink.Config> FILE_SINK =
      NodeType.sink(
              "FileSink",
              "Writes frames into a file of CSV or JSON lines.",
              FileSink.Config.class,
              FileSink::new)
          .alsoCalled("filesink", "file_sink")
          .shownAs(new Palette("File Sink", Palette.Category.SINKS, DataType.ANY, null));

  public static final NodeType<WavSource.Config> WAV_SOURCE =
      NodeType.source(
              "WavSource",
              "Reads the samples of a WAV file, in frames of equal length.",
              WavSource.Config.class,
              WavSource::new)
          .alsoCalled("wavsource", "wav_source")
          .shownAs(new Palette("WAV Source", Palette.Category.SOURCES, null, DataType.AUDIO_FRAME));

  public static final NodeType<WavSink.Config> WAV_SINK =
      NodeType.sink(
              "WavSink", "Writes samples into a WAV file.", WavSink.Config.class, WavSink::new)
          .alsoCalled("wavsink", "wav_sink")
          .shownAs(new Palette("WAV Sink", Palette.Category.SINKS, DataType.AUDIO_FRAME, null));

  public static final List<NodeType<?>> ALL = List.of(FILE_SOURCE, FILE_SINK, WAV_SOURCE, WAV_SINK);

  private FileTypes() {}
}
