package io.github.pg2adb.config;

/**
 * A task file that was checked as a whole.
 *
 * @param pipeline what the task does and how its job runs
 * @param source where the rows come from
 * @param sink where they go to
 */
public record TaskConfig(PipelineSection pipeline, SourceSection source, SinkSection sink) {}
