/// The pipelines as they should be: started, replaced and ended as the configuration changes and
/// operators ask. Open [PipelineSet] first. Its methods run on the threads of those who call them;
/// what may take its time runs beside them on virtual threads.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.pipeline;
