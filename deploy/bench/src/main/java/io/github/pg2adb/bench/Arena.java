package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What contestants need to do their work.
 *
 * @param source the database that is read
 * @param sink the database that is written, empty before each turn
 * @param sinkGreenplum whether the sink's server is Greenplum or its kin, where PostgreSQL's own
 *     replication cannot write
 * @param root the checkout, whose job and flink-lib are run
 * @param work where logs and task files go
 * @param heap the most heap of each Java contestant, as java's -Xmx takes it
 * @param javaOptions more options of pg2adb's JVM, such as one that records a flight
 */
record Arena(
    Db source,
    Db sink,
    boolean sinkGreenplum,
    Path root,
    Path work,
    String heap,
    java.util.List<String> javaOptions) {

  Arena withSource(Db other) {
    return new Arena(other, sink, sinkGreenplum, root, work, heap, javaOptions);
  }

  Arena withHeap(String other) {
    return new Arena(source, sink, sinkGreenplum, root, work, other, javaOptions);
  }

  /** A fresh file for a process's output. */
  Path log(String contestant) throws IOException {
    return Files.createTempFile(work, contestant.replace(' ', '-') + "-", ".log");
  }

  /** Creates the order table with its key in the sink, which a contestant of rows alone needs. */
  void createOrders() throws java.sql.SQLException {
    sink.execute(Orders.create("orders"));
  }
}
