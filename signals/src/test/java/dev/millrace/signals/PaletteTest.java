package dev.millrace.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
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
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What editors and documents know the types of this module by.
class PaletteTest {
  private final List<NodeType<?>> types = all();
  private final NodeCatalogue catalogue = new NodeCatalogue(types);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SineGenerator | sinegenerator | Sources | trigger | audio_frame | Sine Generator",
        "Gain | GainNode gainnode gain | Processors | audio_frame | audio_frame | Gain",
        "Print | print | Sinks | any | any | Print",
        "DebugSinkNode | debugsinknode debug_sink DebugSink | Sinks | any | any | Debug Sink",
        "AudioSourceNode | audiosourcenode audio_source AudioSource | Sources | trigger"
            + " | audio_frame | Audio Source",
        "AudioInputNode | AudioInput audioinputnode | Sources | trigger | audio_frame"
            + " | Audio Input",
        "AudioOutputNode | AudioOutput audiooutputnode | Sinks | audio_frame | - | Audio Output",
        "TriggerSourceNode | TriggerSource triggersourcenode trigger_source | Sources | -"
            + " | trigger | Trigger Source",
        "FFTNode | FFT fftnode fft | Processors | audio_frame | fft_result | FFT",
        "FilterNode | Filter filternode filter | Processors | audio_frame | audio_frame | Filter",
        "Router | router | Control | any | any | Router",
        "Merge | merge | Control | any | any | Merge",
        "AssertRMS | assertrms | Control | audio_frame | audio_frame | Assert RMS",
        "Delay | delay | Control | any | any | Delay",
        "Fault | fault | Control | any | any | Fault",
        "Collect | collect | Sinks | any | any | Collect",
        "FileSink | filesink | Sinks | any | - | File Sink",
        "FileSource | filesource | Sources | - | any | File Source",
        "WavSource | wavsource | Sources | - | audio_frame | WAV Source",
        "WavSink | wavsink | Sinks | audio_frame | - | WAV Sink"
      })
  void eachTypeHasItsNamesItsCategoryAndItsPorts(
      String name, String aliases, String category, String in, String out, String title) {
    var type = catalogue.find(name).orElseThrow();
    for (var alias : aliases.split(" ", -1)) {
      assertThat(catalogue.find(alias)).as(alias).contains(type);
    }
    assertThat(type.palette().category().label()).isEqualTo(category);
    assertThat(type.palette().title()).isEqualTo(title);
    assertThat(label(type.palette().in())).isEqualTo(in);
    assertThat(label(type.palette().out())).isEqualTo(out);
  }

  @Test
  void aGraphMayNameEachTypeByItsIdOfThePalette() {
    for (var type : types) {
      assertThat(catalogue.find(type.name().toLowerCase(Locale.ROOT)))
          .as(type.name())
          .contains(type);
    }
  }

  private static String label(@Nullable DataType type) {
    return type == null ? "-" : type.label();
  }

  private static List<NodeType<?>> all() {
    var all = new ArrayList<NodeType<?>>(GenerateTypes.ALL);
    all.addAll(ProcessTypes.ALL);
    all.addAll(ControlTypes.ALL);
    all.addAll(FileTypes.ALL);
    all.addAll(BridgeTypes.ALL);
    all.addAll(PrintTypes.all());
    all.addAll(DeviceTypes.of(AudioDevices.NONE));
    return all;
  }
}
