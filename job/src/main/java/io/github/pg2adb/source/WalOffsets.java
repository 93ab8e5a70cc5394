package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import java.util.Map;
import org.apache.flink.cdc.connectors.base.source.meta.offset.Offset;
import org.apache.flink.cdc.connectors.postgres.source.offset.PostgresOffset;

/** WAL positions as Flink CDC keeps them in its state: a map with one decimal number. */
final class WalOffsets {

  private static final String LSN = "lsn";

  /**
   * The high watermark of every chunk that was read: present or absent is all it says. The stream
   * split starts at the lowest of them, and from zero our reader goes on where the ledger is.
   */
  static final PostgresOffset UNUSED = of(Lsn.NONE);

  private WalOffsets() {}

  static PostgresOffset of(Lsn lsn) {
    return PostgresOffset.of(Map.of(LSN, Long.toString(lsn.value())));
  }

  static Lsn lsn(Offset offset) {
    String value = offset.getOffset().get(LSN);
    return value == null ? Lsn.NONE : new Lsn(Long.parseLong(value));
  }
}
