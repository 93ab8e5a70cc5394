package io.github.pg2adb.cli.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.cli.cluster.FlinkClient;
import io.github.pg2adb.cli.cluster.Retrying;
import io.github.pg2adb.sink.ClaimHolder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A task's status for people and for programs. */
final class StatusOutput {

  /** More tables than these are counted and not listed; those that are not loaded come first. */
  private static final int LISTED_TABLES = 40;

  /** Of readers and writers that fail; the others do so for the same reason. */
  private static final int LISTED_RETRIES = 3;

  private StatusOutput() {}

  /** One JSON object without line feeds. */
  static String json(TaskStatus status, ProgressDisplay.Speeds speeds)
      throws JsonProcessingException {
    Map<String, @Nullable Object> root = new LinkedHashMap<>();
    root.put("task", status.task());
    root.put("time", status.at().toString());
    root.put("running", status.isRunning());
    root.put("stage", status.stage().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    root.put("job", status.flinkJob().map(StatusOutput::job).orElse(null));
    root.put("source", status.source().value().map(StatusOutput::source).orElse(null));
    root.put(
        "destination", status.destination().value().map(StatusOutput::destination).orElse(null));
    Map<String, String> problems = new LinkedHashMap<>();
    problems.put("flink", status.job().problem());
    problems.put("source", status.source().problem());
    problems.put("destination", status.destination().problem());
    problems.values().removeIf(String::isEmpty);
    root.put("problems", problems);
    root.put("lagBytes", status.lagBytes().orElse(null));
    root.put("lagMillis", status.lag().map(Duration::toMillis).orElse(null));
    root.put("rowsPerSecond", speeds.rows());
    root.put("bytesPerSecond", speeds.bytes());
    root.put("changesPerSecond", speeds.changes());
    root.put("tables", status.tables().stream().map(StatusOutput::table).toList());
    return new ObjectMapper().writeValueAsString(root);
  }

  private static Map<String, @Nullable Object> job(TaskStatus.FlinkJob found) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", found.job().id());
    fields.put("state", found.job().state());
    fields.put("started", found.job().started().toString());
    fields.put("url", found.url());
    fields.put("lastError", found.lastError().map(FlinkClient.JobError::message).orElse(null));
    fields.put(
        "lastErrorTime", found.lastError().map(error -> error.when().toString()).orElse(null));
    fields.put("retrying", found.retrying().stream().map(StatusOutput::retrying).toList());
    return fields;
  }

  private static Map<String, @Nullable Object> retrying(Retrying part) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("part", part.part());
    fields.put("attempts", part.attempts());
    fields.put("since", part.since().toString());
    fields.put("next", part.next().map(Instant::toString).orElse(null));
    return fields;
  }

  private static Map<String, @Nullable Object> source(TaskStatus.Source source) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("walEnd", source.walEnd().toString());
    source
        .slot()
        .ifPresent(
            slot -> {
              fields.put("slot", slot.name());
              fields.put("slotActive", slot.active());
              fields.put("slotConfirmed", slot.confirmed().toString());
              fields.put("slotRetainedBytes", slot.retainedBytes());
              fields.put("slotWalStatus", slot.walStatus());
            });
    return fields;
  }

  private static Map<String, @Nullable Object> destination(TaskStatus.Destination destination) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("position", destination.position().map(Object::toString).orElse(null));
    fields.put("transactions", destination.transactions());
    fields.put("changes", destination.changes());
    fields.put("holder", destination.holder().map(ClaimHolder::pid).orElse(null));
    return fields;
  }

  private static Map<String, @Nullable Object> table(Progress.Table table) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("schema", table.name().schema());
    fields.put("table", table.name().name());
    fields.put("sinkSchema", table.target().schema());
    fields.put("sinkTable", table.target().name());
    fields.put("loaded", table.isLoaded());
    fields.put("rows", table.rows());
    fields.put("estimatedRows", table.estimatedRows());
    fields.put("bytes", table.bytes());
    fields.put("chunks", table.chunks());
    fields.put("plannedChunks", table.plannedChunks());
    return fields;
  }

  /** Lines for a person. */
  static List<String> lines(TaskStatus status, ProgressDisplay.Speeds speeds) {
    List<String> lines = new ArrayList<>();
    lines.add("Task " + status.task() + " at " + time(status.at()));
    lines.add("  job          " + job(status));
    status
        .flinkJob()
        .flatMap(TaskStatus.FlinkJob::lastError)
        .ifPresent(
            error -> lines.add("  last error   " + time(error.when()) + " " + error.message()));
    status.flinkJob().map(TaskStatus.FlinkJob::retrying).orElse(List.of()).stream()
        .limit(LISTED_RETRIES)
        .forEach(part -> lines.add("  retrying     " + words(part)));
    lines.add("  stage        " + status.stage().words());
    lines.add("  source       " + source(status.source()));
    lines.add("  destination  " + destination(status.destination()));
    lines.add("  full load    " + fullLoad(status, speeds));
    lines.add("  changes      " + changes(status, speeds));
    List<Progress.Table> listed =
        status.tables().stream()
            .sorted(Comparator.comparing(Progress.Table::isLoaded))
            .limit(LISTED_TABLES)
            .toList();
    lines.addAll(ProgressDisplay.tableLines(listed));
    if (listed.size() < status.tables().size()) {
      lines.add("  and " + (status.tables().size() - listed.size()) + " more; --json has them all");
    }
    return lines;
  }

  private static String job(TaskStatus status) {
    Optional<TaskStatus.FlinkJob> job = status.flinkJob();
    if (job.isPresent()) {
      FlinkClient.Job found = job.get().job();
      return (found.isAlive() ? "" : "DOWN: ")
          + found.state()
          + ", started "
          + time(found.started())
          + ", "
          + job.get().url();
    }
    Optional<ClaimHolder> holder =
        status.destination().value().flatMap(TaskStatus.Destination::holder);
    if (holder.isPresent()) {
      return "runs, not on the Flink that was asked: session "
          + holder.get().pid()
          + " of the destination holds it since "
          + holder.get().since();
    }
    if (status.destination().value().isPresent()) {
      return "DOWN: no run of the task is alive; " + flink(status);
    }
    return "NOT KNOWN: " + flink(status);
  }

  private static String words(Retrying part) {
    return part.part()
        + " has failed "
        + Wording.count(part.attempts())
        + " times since "
        + time(part.since())
        + part.next().map(next -> ", tries again at " + time(next)).orElse(", Flink restarts it");
  }

  private static String flink(TaskStatus status) {
    return status.job().problem().isEmpty() ? "Flink has no job of it" : status.job().problem();
  }

  private static String source(TaskStatus.Answer<TaskStatus.Source> answer) {
    if (answer.value().isEmpty()) {
      return "CANNOT BE ASKED: " + answer.problem();
    }
    TaskStatus.Source source = answer.value().get();
    return "WAL ends at "
        + source.walEnd()
        + source
            .slot()
            .map(
                slot ->
                    ", slot "
                        + slot.name()
                        + (slot.active() ? " is read" : " is not read")
                        + " and keeps "
                        + Wording.bytes(slot.retainedBytes())
                        + (slot.walStatus().isEmpty() ? "" : " (" + slot.walStatus() + ")"))
            .orElse(", there is no slot of the task");
  }

  private static String destination(TaskStatus.Answer<TaskStatus.Destination> answer) {
    if (answer.value().isEmpty()) {
      return "CANNOT BE ASKED: " + answer.problem();
    }
    return answer
        .value()
        .get()
        .position()
        .map(position -> "has the WAL up to " + position)
        .orElse("has nothing of the WAL yet");
  }

  private static String fullLoad(TaskStatus status, ProgressDisplay.Speeds speeds) {
    if (status.tables().isEmpty()) {
      return "not known";
    }
    long loaded = status.tables().stream().filter(Progress.Table::isLoaded).count();
    boolean isDone = loaded == status.tables().size();
    String text =
        ProgressDisplay.percent(status.rows(), status.expectedRows(), isDone)
            + ", "
            + loaded
            + " of "
            + status.tables().size()
            + " tables, "
            + Wording.count(status.rows())
            + " rows, "
            + Wording.bytes(status.bytes());
    return isDone
        ? text
        : text
            + ", "
            + Wording.count(speeds.rows())
            + " rows/s, "
            + Wording.bytes(speeds.bytes())
            + "/s";
  }

  private static String changes(TaskStatus status, ProgressDisplay.Speeds speeds) {
    if (status.destination().value().isEmpty()) {
      return "not known";
    }
    return Wording.count(status.changes())
        + " applied, "
        + Wording.count(speeds.changes())
        + "/s, lag "
        + status.lag().map(Wording::time).orElse("not known")
        + ", "
        + status.lagBytes().map(Wording::bytes).orElse("bytes not known");
  }

  private static String time(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
