package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.relational.TableId;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.TableName;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.cdc.connectors.base.source.meta.offset.OffsetFactory;
import org.apache.flink.cdc.connectors.base.source.meta.split.SnapshotSplit;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitSerializer;
import org.apache.flink.cdc.connectors.postgres.source.offset.PostgresOffsetFactory;
import org.junit.jupiter.api.Test;

class TableIdsTest {

  private static final SourceSplitSerializer SERIALIZER =
      new SourceSplitSerializer() {
        @Override
        public OffsetFactory getOffsetFactory() {
          return new PostgresOffsetFactory();
        }
      };

  @Test
  void leavesOrdinaryNamesReadable() {
    assertThat(TableIds.of("shop", new TableName("public", "Order_items$1")))
        .hasToString("shop.public.Order_items$1");
  }

  @Property
  void survivesPrintingAndParsing(@ForAll("names") String schema, @ForAll("names") String name) {
    TableName table = new TableName(schema, name);
    TableId id = TableIds.of("data.base \"1\"", table);
    assertThat(TableId.parse(id.toString())).isEqualTo(id);
    assertThat(TableId.parse(id.toDoubleQuotedString())).isEqualTo(id);
    assertThat(TableIds.tableName(TableId.parse(id.toString()))).isEqualTo(table);
    assertThat(SnapshotSplit.extractTableId(SnapshotSplit.generateSplitId(id, 3))).isEqualTo(id);
  }

  @Property
  void chunksSurviveFlinkCdcsSplits(
      @ForAll("names") String name, @ForAll("names") String bound, @ForAll boolean loaded)
      throws IOException {
    Chunk chunk = new Chunk(new TableName("s.x", name), 12, null, List.of(bound, "'\\\n"));
    SnapshotSplit split = SnapshotSplits.of("d", chunk, loaded);
    SnapshotSplit restored =
        SERIALIZER
            .deserialize(SERIALIZER.getVersion(), SERIALIZER.serialize(split))
            .asSnapshotSplit();
    assertThat(SnapshotSplits.chunk(restored)).isEqualTo(chunk);
    assertThat(restored.isSnapshotReadFinished()).isEqualTo(loaded);
    assertThat(restored.getTableSchemas()).hasSize(1);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.oneOf(
        Arbitraries.strings().excludeChars('\0').ofMinLength(1).ofMaxLength(20),
        Arbitraries.strings().withChars(" .\"'`:%é%0041Aa_$-;").ofMinLength(1).ofMaxLength(12));
  }
}
