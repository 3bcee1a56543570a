package dev.millrace.signals.device;

import java.util.List;

/// What channels of frames are made of: one route for each, over a known number of physical
/// channels.
public record ChannelMapping(int physicalChannels, List<Route> routes) {
  public ChannelMapping {
    routes = List.copyOf(routes);
    for (var route : routes) {
      for (int source : route.sources()) {
        if (source < 0 || source >= physicalChannels) {
          throw new IllegalArgumentException(
              "a route leads to channel "
                  + source
                  + ", but there are "
                  + physicalChannels
                  + ", counted from 0");
        }
      }
    }
  }

  /// Fills `out`, one array per route, from the physical channels.
  ///
  /// @throws IllegalArgumentException if there are not as many of either as the mapping says
  void apply(double[][] physical, double[][] out) {
    if (physical.length != physicalChannels) {
      throw new IllegalArgumentException(
          physical.length + " physical channels came; the mapping is one of " + physicalChannels);
    }
    if (out.length != routes.size()) {
      throw new IllegalArgumentException(
          out.length + " channels are wanted; the mapping makes " + routes.size());
    }
    for (int i = 0; i < out.length; i++) {
      mean(routes.get(i).sources(), physical, out[i]);
    }
  }

  private static void mean(List<Integer> sources, double[][] physical, double[] out) {
    System.arraycopy(physical[sources.getFirst()], 0, out, 0, out.length);
    int count = sources.size();
    if (count == 1) {
      return;
    }
    for (int source : sources.subList(1, count)) {
      var more = physical[source];
      for (int i = 0; i < out.length; i++) {
        out[i] += more[i];
      }
    }
    for (int i = 0; i < out.length; i++) {
      out[i] /= count;
    }
  }
}
