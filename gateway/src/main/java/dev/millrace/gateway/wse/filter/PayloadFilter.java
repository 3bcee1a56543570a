package dev.millrace.gateway.wse.filter;

import dev.millrace.hub.FrameFilter;
import dev.millrace.hub.FrameView;

/// Keeps the frames whose payload fits criteria.
public record PayloadFilter(Filter filter) implements FrameFilter {
  @Override
  public boolean keeps(FrameView frame) {
    return filter.matches(frame.read(PayloadReader.INSTANCE));
  }
}
