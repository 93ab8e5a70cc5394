package io.github.pg2adb.bench;

import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * The stock pipeline, as its manuals show it: Flink CDC's {@code postgres-cdc} table into Flink's
 * {@code jdbc} table with a primary key, which upserts. Runs in a process of its own, in a Flink
 * that it starts.
 */
final class StockProgram {

  /** Printed when the job has ended by itself. */
  static final String FINISHED = "stock pipeline: finished";

  private static final String COLUMNS =
      "id BIGINT NOT NULL, customer_id BIGINT NOT NULL, status STRING NOT NULL,"
          + " created_at TIMESTAMP_LTZ(6) NOT NULL, updated_at TIMESTAMP(6) NOT NULL,"
          + " amount DECIMAL(12, 2) NOT NULL, quantity INT NOT NULL, sku STRING NOT NULL,"
          + " currency STRING NOT NULL, paid BOOLEAN NOT NULL, note STRING,"
          + " PRIMARY KEY (id) NOT ENFORCED";

  private StockProgram() {}

  /**
   * Runs the pipeline.
   *
   * @param arguments source host, port, database, user; sink the same; start-up mode; slot and
   *     publication. Passwords come in BENCH_SOURCE_PASSWORD and BENCH_SINK_PASSWORD
   */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> environment = System.getenv();
    String mode = arguments[8];
    Configuration settings = new Configuration();
    settings.setString("parallelism.default", "snapshot".equals(mode) ? "2" : "1");
    settings.setString("execution.checkpointing.interval", "5s");
    settings.setString("restart-strategy.type", "none");
    settings.setString("rest.port", "0");
    settings.setString("table.local-time-zone", "UTC");
    TableEnvironment tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(settings)
                .build());
    tables.executeSql(
        "CREATE TABLE source ("
            + COLUMNS
            + ") WITH ('connector' = 'postgres-cdc', 'hostname' = '"
            + arguments[0]
            + "', 'port' = '"
            + arguments[1]
            + "', 'database-name' = '"
            + arguments[2]
            + "', 'username' = '"
            + arguments[3]
            + "', 'password' = '"
            + environment.getOrDefault("BENCH_SOURCE_PASSWORD", "")
            + "', 'schema-name' = 'public', 'table-name' = 'orders', 'decoding.plugin.name' = 'pgoutput',"
            + " 'scan.incremental.snapshot.enabled' = 'true', 'scan.startup.mode' = '"
            + mode
            + "', 'slot.name' = '"
            + arguments[9]
            + "', 'debezium.publication.name' = '"
            + arguments[9]
            + "', 'debezium.publication.autocreate.mode' = 'disabled')");
    tables.executeSql(
        "CREATE TABLE sink ("
            + COLUMNS.replace("TIMESTAMP_LTZ(6)", "TIMESTAMP(6)")
            + ") WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://"
            + arguments[4]
            + ":"
            + arguments[5]
            + "/"
            + arguments[6]
            + "?reWriteBatchedInserts=true', 'table-name' = 'orders', 'username' = '"
            + arguments[7]
            + "', 'password' = '"
            + environment.getOrDefault("BENCH_SINK_PASSWORD", "")
            + "', 'sink.buffer-flush.max-rows' = '1000', 'sink.buffer-flush.interval' = '500ms')");
    tables
        .executeSql(
            "INSERT INTO sink SELECT id, customer_id, status, CAST(created_at AS TIMESTAMP(6)), updated_at, amount,"
                + " quantity, sku, currency, paid, note FROM source")
        .await();
    System.out.println(FINISHED);
    // Flink's threads would keep the process.
    System.exit(0);
  }
}
