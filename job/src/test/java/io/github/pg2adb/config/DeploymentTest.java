package io.github.pg2adb.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.DelegatingConfiguration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.metrics.MetricConfig;
import org.junit.jupiter.api.Test;

/** What {@code deploy} says against what it must agree with. */
class DeploymentTest {

  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final Path FLINK_CONF = Path.of("..", "flink-conf", "config.yaml");
  private static final Path MANIFEST = DEPLOY.resolve("kubernetes/pg2adb.yaml");

  private static final Map<String, String> PASSWORDS =
      Map.of("SOURCE_PASSWORD", "a", "SINK_PASSWORD", "b");

  private final YAMLMapper yaml = new YAMLMapper();

  @Test
  void kubernetesRunsWithTheSettingsOfFlinkConf() throws IOException {
    Map<String, String> here = new TreeMap<>();
    flatten("", yaml.readTree(FLINK_CONF.toFile()), here);
    Map<String, String> there = new TreeMap<>();
    flatten("", deployment().at("/spec/flinkConfiguration"), there);

    for (String same :
        List.of(
            "env.java.opts.all",
            "pipeline.generic-types",
            "execution.checkpointing.externalized-checkpoint-retention",
            "metrics.reporter.prom.factory.class",
            "metrics.reporter.prom.filterLabelValueCharacters")) {
      assertThat(there.get(same)).as(same).isNotNull().isEqualTo(here.get(same));
    }
    assertThat(deployment().at("/spec/jobManager/resource/memory").asText())
        .isEqualTo(here.get("jobmanager.memory.process.size"));
    assertThat(deployment().at("/spec/taskManager/resource/memory").asText())
        .isEqualTo(here.get("taskmanager.memory.process.size"));
  }

  /** A reporter gets values as YAML has them, and reads texts alone: others count as absent. */
  @Test
  void theReporterReadsWhatFlinkConfSays() {
    MetricConfig reporter = new MetricConfig();
    new DelegatingConfiguration(
            GlobalConfiguration.loadConfiguration(FLINK_CONF.getParent().toString()),
            "metrics.reporter.prom.")
        .addAllToProperties(reporter);

    assertThat(reporter.getBoolean("filterLabelValueCharacters", true)).isFalse();
    assertThat(reporter.getString("port", "")).isEqualTo("9249-9259");
  }

  @Test
  void everyPartOfKubernetesNamesTheOthers() throws IOException {
    JsonNode job = deployment().at("/spec/job");
    JsonNode container = deployment().at("/spec/podTemplate/spec/containers/0");
    String dockerfile = Files.readString(DEPLOY.resolve("docker/Dockerfile"));

    assertThat(dockerfile)
        .contains(" " + job.path("jarURI").asText().substring("local://".length()));
    assertThat(job.path("args").toString())
        .contains(container.at("/volumeMounts/0/mountPath").asText() + "/task.yaml");
    assertThat(container.at("/ports/0/containerPort").asText())
        .isEqualTo(deployment().at("/spec/flinkConfiguration/metrics.reporter.prom.port").asText());
  }

  @Test
  void tasksOfTheExamplesAreValid() throws IOException {
    TaskConfig docker =
        TaskFile.parse(
            Files.readString(DEPLOY.resolve("docker/task.yaml")), "task.yaml", PASSWORDS);
    TaskConfig kubernetes =
        TaskFile.parse(document("ConfigMap").at("/data/task.yaml").asText(), "task", PASSWORDS);

    assertThat(docker.source().endpoint().host()).isEqualTo("source");
    assertThat(docker.sink().endpoint().host()).isEqualTo("destination");
    assertThat(kubernetes.pipeline().parallelism())
        .isEqualTo(deployment().at("/spec/job/parallelism").asInt());
  }

  @Test
  void composeHasTheServicesThatTheOthersName() throws IOException {
    JsonNode services =
        yaml.readTree(DEPLOY.resolve("docker/compose.yaml").toFile()).path("services");
    String prometheus = Files.readString(DEPLOY.resolve("prometheus/prometheus.yml"));

    assertThat(services.fieldNames())
        .toIterable()
        .contains("source", "destination", "jobmanager", "taskmanager", "prometheus", "grafana");
    assertThat(prometheus).contains("[jobmanager, taskmanager]");
    assertThat(services.at("/jobmanager/command").toString())
        .contains(deployment().at("/spec/job/entryClass").asText());
  }

  private JsonNode deployment() throws IOException {
    return document("FlinkDeployment");
  }

  private JsonNode document(String kind) throws IOException {
    try (MappingIterator<JsonNode> documents =
        yaml.readerFor(JsonNode.class).readValues(MANIFEST.toFile())) {
      return documents.readAll().stream()
          .filter(document -> document.path("kind").asText().equals(kind))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
    if (node.isObject()) {
      node.properties()
          .forEach(field -> flatten(prefix + "." + field.getKey(), field.getValue(), into));
    } else {
      into.put(prefix.substring(1), node.asText());
    }
  }
}
