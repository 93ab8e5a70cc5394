package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** One of our changes in the shape in which Flink CDC's fetchers hand elements on. */
final class ChangeRecord extends SourceRecord {

  private final Change change;
  private final long bytes;
  private final long readMillis;

  /**
   * @param change what is carried
   * @param bytes how many bytes the server sent for it
   * @param readMillis when it was read, milliseconds since 1970-01-01 UTC
   */
  ChangeRecord(Change change, long bytes, long readMillis) {
    super(Map.of(), Map.of(), "", null, null);
    this.change = change;
    this.bytes = bytes;
    this.readMillis = readMillis;
  }

  Change change() {
    return change;
  }

  long bytes() {
    return bytes;
  }

  long readMillis() {
    return readMillis;
  }
}
