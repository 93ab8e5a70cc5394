package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.JobExceptionsHeaders;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.JobIDPathParameter;
import org.apache.flink.runtime.rest.messages.JobMessageParameters;
import org.apache.flink.runtime.rest.messages.JobVertexIdPathParameter;
import org.apache.flink.runtime.rest.messages.MessageParameters;
import org.apache.flink.runtime.rest.messages.MessagePathParameter;
import org.apache.flink.runtime.rest.messages.MessageQueryParameter;
import org.apache.flink.runtime.rest.messages.job.JobDetailsHeaders;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.JobExceptionsMessageParameters;
import org.apache.flink.runtime.rest.messages.job.metrics.AbstractMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.JobManagerOperatorMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.JobVertexMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.Metric;
import org.apache.flink.runtime.rest.messages.job.metrics.MetricsFilterParameter;
import org.jspecify.annotations.Nullable;

/** A Flink cluster as its REST interface shows it. Errors are {@link MigrationException}. */
public final class FlinkClient implements AutoCloseable {

  /**
   * A job.
   *
   * @param id Flink's id of it
   * @param state such as {@code RUNNING}
   * @param started when
   */
  public record Job(String id, String name, String state, Instant started) {

    /** Whether it runs or is about to. */
    public boolean isAlive() {
      return !List.of("FINISHED", "FAILED", "CANCELED", "SUSPENDED").contains(state);
    }
  }

  /**
   * An error that a job has met.
   *
   * @param when it was
   * @param message its class and message, without the stack
   */
  public record JobError(Instant when, String message) {}

  /** How many processes and slots there are. */
  public record Overview(int taskManagers, int slots, int freeSlots) {}

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final Configuration configuration;
  private final RestClusterClient<StandaloneClusterId> client;

  private FlinkClient(Configuration configuration, RestClusterClient<StandaloneClusterId> client) {
    this.configuration = configuration;
    this.client = client;
  }

  /**
   * The cluster at this address, or at that of the configuration which {@code deploy/pg2adb}
   * brings: the local cluster's, otherwise that of {@code flink-conf}.
   *
   * @param address {@code host:port} of the REST interface, null for none in particular
   */
  public static FlinkClient at(@Nullable String address) {
    Configuration configuration = FlinkHome.configurationOfCommands();
    if (address != null) {
      URI uri = parse(address);
      configuration.set(RestOptions.ADDRESS, uri.getHost());
      configuration.set(RestOptions.PORT, uri.getPort());
    } else if (!configuration.contains(RestOptions.ADDRESS)) {
      configuration.set(RestOptions.ADDRESS, "localhost");
    }
    return of(configuration);
  }

  private static URI parse(String address) {
    try {
      URI uri = URI.create(address.contains("://") ? address : "http://" + address);
      if (uri.getHost() != null && uri.getPort() > 0) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw notAnAddress(address, e);
    }
    throw notAnAddress(address, null);
  }

  private static MigrationException notAnAddress(
      String address, @Nullable IllegalArgumentException cause) {
    return new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot use \"" + address + "\" as a Flink cluster's address.",
        "Write --address HOST:PORT of the dashboard.",
        cause);
  }

  /** The cluster that the configuration's REST address leads to. */
  static FlinkClient of(Configuration clusterConfiguration) {
    Configuration configuration = new Configuration(clusterConfiguration);
    // a person's commands need not ask who is elected: there is one JobManager at that address
    configuration.set(HighAvailabilityOptions.HA_MODE, HighAvailabilityMode.NONE.name());
    return connect(configuration);
  }

  /** The cluster whose JobManager is elected, if the configuration has high availability. */
  static FlinkClient ofElected(Configuration clusterConfiguration) {
    return connect(new Configuration(clusterConfiguration));
  }

  private static FlinkClient connect(Configuration configuration) {
    // a person waits for the answer, and a cluster that is not there must be reported as such
    configuration.set(RestOptions.RETRY_MAX_ATTEMPTS, 1);
    configuration.set(RestOptions.RETRY_DELAY, Duration.ofMillis(100));
    configuration.set(RestOptions.CONNECTION_TIMEOUT, Duration.ofSeconds(5));
    configuration.set(RestOptions.IDLENESS_TIMEOUT, Duration.ofSeconds(10));
    try {
      return new FlinkClient(
          configuration, new RestClusterClient<>(configuration, StandaloneClusterId.getInstance()));
    } catch (Exception e) {
      throw new MigrationException(
          ErrorKind.OPERATOR, "Cannot use the Flink configuration: " + e.getMessage(), "", e);
    }
  }

  /** What jobs are submitted with. */
  public Configuration configuration() {
    return new Configuration(configuration);
  }

  /** The dashboard's address. */
  public String url() {
    return "http://"
        + configuration.get(RestOptions.ADDRESS)
        + ":"
        + configuration.get(RestOptions.PORT);
  }

  /** The dashboard's page of a job. */
  public String url(String jobId) {
    return url() + "/#/job/running/" + jobId + "/overview";
  }

  /** Asks what there is. */
  public Overview overview() {
    var answer = answer(client.getClusterOverview());
    return new Overview(
        answer.getNumTaskManagersConnected(),
        answer.getNumSlotsTotal(),
        answer.getNumSlotsAvailable());
  }

  /** The jobs that the JobManager remembers, the newest first. */
  public List<Job> jobs() {
    return answer(client.listJobs()).stream()
        .map(
            job ->
                new Job(
                    job.getJobId().toHexString(),
                    job.getJobName(),
                    job.getJobState().name(),
                    Instant.ofEpochMilli(job.getStartTime())))
        .sorted(Comparator.comparing(Job::started).reversed())
        .toList();
  }

  /** The job of this name: the one that is alive, otherwise the newest; empty without one. */
  public Optional<Job> job(String name) {
    List<Job> jobs = jobs().stream().filter(job -> job.name().equals(name)).toList();
    return jobs.stream().filter(Job::isAlive).findFirst().or(() -> jobs.stream().findFirst());
  }

  /** The newest error of a job, which may have been overcome; empty if there was none. */
  public Optional<JobError> lastError(String jobId) {
    JobExceptionsMessageParameters parameters = new JobExceptionsMessageParameters();
    parameters.jobPathParameter.resolve(JobID.fromHexString(jobId));
    return answer(
            client.sendRequest(
                JobExceptionsHeaders.getInstance(), parameters, EmptyRequestBody.getInstance()))
        .getExceptionHistory()
        .getEntries()
        .stream()
        .max(Comparator.comparing(RootExceptionInfo::getTimestamp))
        .map(
            error ->
                new JobError(
                    Instant.ofEpochMilli(error.getTimestamp()), message(error.getStacktrace())));
  }

  /**
   * The readers, writers and coordinators of a job that fail and try again, those that have failed
   * for longest first; as of up to ten seconds ago, which is how long Flink keeps metrics.
   */
  public List<Retrying> retrying(String jobId) {
    JobID id = JobID.fromHexString(jobId);
    JobMessageParameters parameters = new JobMessageParameters();
    parameters.jobPathParameter.resolve(id);
    List<Retrying> found = new ArrayList<>();
    for (JobVertexDetailsInfo vertex :
        answer(
                client.sendRequest(
                    JobDetailsHeaders.getInstance(), parameters, EmptyRequestBody.getInstance()))
            .getJobVertexInfos()) {
      VertexMetrics metrics = new VertexMetrics(id, vertex.getJobVertexID());
      found.addAll(
          RetryMetrics.in(
              metrics.ofTasks(),
              part -> vertex.getName() + " #" + part.substring(0, part.indexOf('.'))));
      found.addAll(
          RetryMetrics.in(metrics.ofCoordinator(), part -> vertex.getName() + " coordinator"));
    }
    found.sort(Comparator.comparing(Retrying::since));
    return found;
  }

  /** The metrics of one operator, or of several that Flink has chained. */
  private final class VertexMetrics {

    private final JobID job;
    private final JobVertexID vertex;

    VertexMetrics(JobID job, JobVertexID vertex) {
      this.job = job;
      this.vertex = vertex;
    }

    RetryMetrics.Place ofTasks() {
      return place(
          JobVertexMetricsHeaders.getInstance(),
          JobVertexMetricsHeaders.getInstance()::getUnresolvedMessageParameters);
    }

    RetryMetrics.Place ofCoordinator() {
      return place(
          JobManagerOperatorMetricsHeaders.getInstance(),
          JobManagerOperatorMetricsHeaders.getInstance()::getUnresolvedMessageParameters);
    }

    private <P extends MessageParameters> RetryMetrics.Place place(
        AbstractMetricsHeaders<P> headers, Supplier<P> newParameters) {
      return new RetryMetrics.Place() {
        @Override
        public Collection<String> names() {
          return ask(List.of()).stream().map(Metric::getId).toList();
        }

        @Override
        public Map<String, String> values(List<String> names) {
          return ask(names).stream()
              .filter(metric -> metric.getValue() != null)
              .collect(Collectors.toMap(Metric::getId, Metric::getValue));
        }

        private Collection<Metric> ask(List<String> names) {
          P parameters = newParameters.get();
          parameters.getPathParameters().forEach(VertexMetrics.this::resolve);
          parameters.getQueryParameters().forEach(parameter -> resolve(parameter, names));
          return answer(client.sendRequest(headers, parameters, EmptyRequestBody.getInstance()))
              .getMetrics();
        }
      };
    }

    private void resolve(MessagePathParameter<?> parameter) {
      if (parameter instanceof JobIDPathParameter jobId) {
        jobId.resolve(job);
      } else if (parameter instanceof JobVertexIdPathParameter vertexId) {
        vertexId.resolve(vertex);
      }
    }

    private static void resolve(MessageQueryParameter<?> parameter, List<String> names) {
      if (parameter instanceof MetricsFilterParameter filter && !names.isEmpty()) {
        filter.resolve(names);
      }
    }
  }

  /** Our own error in the chain of causes, which says what to do; otherwise the innermost one. */
  static String message(String stackTrace) {
    String found = "";
    for (String line : stackTrace.split("\\R", -1)) {
      boolean isCause = line.startsWith("Caused by: ");
      if (isCause || found.isEmpty()) {
        found = isCause ? line.substring("Caused by: ".length()) : line;
      }
      if (found.startsWith(MigrationException.class.getName() + ": ")) {
        return found.substring(MigrationException.class.getName().length() + 2);
      }
    }
    return found;
  }

  private <T> T answer(CompletableFuture<T> question) {
    try {
      return question.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot reach a Flink cluster at " + url() + ".",
          "Start one with `deploy/pg2adb cluster start`, or name another with --address HOST:PORT.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for Flink", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
