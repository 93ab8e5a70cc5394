package io.github.pg2adb.config;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RetryLimits;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the task does and how its job runs.
 *
 * @param name names the Flink job, slot, publication and ledger rows
 * @param phases what is done, at least one, in the enum's order
 * @param parallelism how many readers and writers there are
 * @param checkpointInterval how often Flink keeps the job's state
 * @param checkpointDirectory where it keeps it, a URI; empty for Flink's own setting
 * @param retry for how long readers and writers try again
 * @param ignored the prechecks that are not made
 */
public record PipelineSection(
    String name,
    Set<Phase> phases,
    int parallelism,
    Duration checkpointInterval,
    Optional<String> checkpointDirectory,
    RetryLimits retry,
    Set<PrecheckCode> ignored) {

  public PipelineSection {
    phases = inOrder(phases);
    ignored = Set.copyOf(ignored);
  }

  /** The same with this many readers and writers, within the option's range. */
  PipelineSection withParallelism(int number) {
    try {
      int checked = Options.PARALLELISM.type().parser().apply(String.valueOf(number));
      return new PipelineSection(
          name, phases, checked, checkpointInterval, checkpointDirectory, retry, ignored);
    } catch (IllegalArgumentException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot use parallelism "
              + number
              + ": it must be "
              + Options.PARALLELISM.type().description()
              + ".",
          "",
          e);
    }
  }

  private static Set<Phase> inOrder(Collection<Phase> phases) {
    EnumSet<Phase> ordered = EnumSet.noneOf(Phase.class);
    ordered.addAll(phases);
    return Collections.unmodifiableSet(ordered);
  }
}
