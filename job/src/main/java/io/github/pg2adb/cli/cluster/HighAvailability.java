package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.jspecify.annotations.Nullable;

/**
 * Lets jobs outlive their JobManager: Flink keeps them in files, and where these are in a
 * ZooKeeper, of which one server runs beside the cluster.
 *
 * @see <a
 *     href="https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/deployment/ha/zookeeper_ha/">Flink:
 *     ZooKeeper HA Services</a>
 */
final class HighAvailability {

  private static final String SERVER =
      "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer";
  private static final String QUORUM = "localhost:2181";

  /** A JobManager that was killed is followed by the next one only after that. */
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  private static final String SETTINGS = "zoo.cfg";

  private HighAvailability() {}

  /**
   * What it needs in the configuration, as far as nobody has said otherwise.
   *
   * @param changes keys and values that win over those of the configuration folder
   * @param application the task, if the cluster is for one: what is kept is kept under its name, so
   *     that no other task goes on with it
   */
  static Map<String, String> addTo(
      Map<String, String> changes, FlinkHome home, Optional<Application> application) {
    Map<String, String> all = new LinkedHashMap<>(changes);
    all.putIfAbsent(HighAvailabilityOptions.HA_MODE.key(), "zookeeper");
    all.putIfAbsent(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM.key(), QUORUM);
    all.putIfAbsent(
        HighAvailabilityOptions.HA_STORAGE_PATH.key(), storage(home).toUri().toString());
    all.putIfAbsent(
        HighAvailabilityOptions.ZOOKEEPER_SESSION_TIMEOUT.key(), SESSION_TIMEOUT.toSeconds() + "s");
    application.ifPresent(
        one ->
            all.putIfAbsent(HighAvailabilityOptions.HA_CLUSTER_ID.key(), "/pg2adb-" + one.task()));
    return all;
  }

  private static Path storage(FlinkHome home) {
    return home.folder().resolve("ha");
  }

  /** The ZooKeeper server of this configuration, not started yet. */
  static ProcessBuilder server(FlinkHome home, Configuration configuration) {
    URI address = address(configuration);
    Path data = home.folder().resolve("zookeeper");
    Path settings = home.configurationFolder().resolve(SETTINGS);
    try {
      // a kept job holds passwords
      for (Path made : List.of(data, storage(home))) {
        Files.createDirectories(made);
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
      }
      Files.writeString(
          settings,
          """
          tickTime=2000
          initLimit=10
          syncLimit=5
          dataDir=%s
          clientPort=%d
          clientPortAddress=%s
          admin.enableServer=false
          autopurge.purgeInterval=1
          """
              .formatted(data, address.getPort(), address.getHost()));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR, "Cannot prepare ZooKeeper in " + home.folder() + ": " + e, "", e);
    }
    return home.jvm()
        .process(
            home.logging(List.of("-Xmx128m"), LocalCluster.ZOOKEEPER),
            SERVER,
            List.of("--zkConfigFile", settings.toString(), "--peerId", "1"));
  }

  private static URI address(Configuration configuration) {
    String quorum = configuration.get(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM);
    try {
      URI address = URI.create("zookeeper://" + quorum);
      if (address.getHost() != null && address.getPort() > 0) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw notOne(quorum, e);
    }
    throw notOne(quorum, null);
  }

  private static MigrationException notOne(
      String quorum, @Nullable IllegalArgumentException cause) {
    return new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot start ZooKeeper at \"" + quorum + "\": that is not one HOST:PORT.",
        "Leave --high-availability out if ZooKeeper runs elsewhere: high-availability.type and the rest in flink-conf are enough.",
        cause);
  }
}
