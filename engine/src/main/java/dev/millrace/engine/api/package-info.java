/// Pipelines over HTTP, as routes that the gateway serves. Open [PipelineRoutes] first. Handlers
/// run on virtual threads and read snapshots only.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.api;
