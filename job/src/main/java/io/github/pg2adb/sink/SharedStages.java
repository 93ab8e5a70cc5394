package io.github.pg2adb.sink;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The session's temp tables for the changes of many tables, one per width, and the stream into one
 * of them.
 */
final class SharedStages {

  /**
   * The most columns of which a row of text surely fits into a page of 8 KiB: TOAST moves out what
   * is longer than its pointer of 18 bytes and leaves shorter values alone.
   */
  static final int MAX_WIDTH = 384;

  private static final int MIN_WIDTH = 6;

  private final String distribution;
  private final Map<Integer, Stage> stages = new TreeMap<>();
  private @Nullable CopyStream open;
  private int openWidth;

  SharedStages(boolean distributed) {
    this.distribution = distributed ? " DISTRIBUTED RANDOMLY" : "";
  }

  /** The width of the stage for this many columns. */
  static int width(int columns) {
    int width = MIN_WIDTH;
    while (width < columns) {
      width *= 2;
    }
    return width;
  }

  String sql(int width) {
    return stage(width).sql();
  }

  private Stage stage(int width) {
    return stages.computeIfAbsent(
        width,
        columns -> {
          String texts =
              IntStream.range(0, columns)
                  .mapToObj(i -> ", c" + i + " text")
                  .collect(Collectors.joining());
          return new Stage(
              "pg2adb_s" + columns,
              "t, g, n" + texts.replace(" text", ""),
              "t bigint, g integer, n integer" + texts,
              distribution);
        });
  }

  /** Empties what an earlier piece of the open transaction has left. */
  void beginBatch(Connection connection) throws SQLException {
    for (Stage stage : stages.values()) {
      if (stage.isFilled()) {
        stage.clear(connection);
      }
    }
  }

  /** Makes sure that the table of this width is there. */
  void prepare(Connection connection, int width) throws SQLException {
    Stage stage = stage(width);
    if (!stage.isCreated()) {
      stage.clear(connection);
    }
  }

  /** The stream into the table of this width, the one that is open if it goes there. */
  CopyStream open(Connection connection, int width) throws SQLException {
    CopyStream stream = open;
    if (stream == null || openWidth != width) {
      finish();
      stream = stage(width).fill(connection);
      open = stream;
      openWidth = width;
    }
    return stream;
  }

  /** Ends the stream, if one is open, before anything else uses the connection. */
  void finish() throws SQLException {
    if (open != null) {
      open.finish();
      open = null;
    }
  }

  /** Gives up the stream, if one is open. */
  void cancel() throws SQLException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  void committed() {
    stages.values().forEach(Stage::committed);
  }
}
