package dev.millrace.core.route;

import java.util.List;

/// What a capability adds to the one route table.
@FunctionalInterface
public interface RouteContribution {
  List<Route> routes();
}
