package io.github.pg2adb.source.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class RowBlocksTest {

  private static final int BLOCK_BYTES = 64;

  @Property
  void packsEveryRowInOrderIntoBlocksThatFit(
      @ForAll @Size(max = 50) List<byte @Size(min = 1, max = 90) []> rows) {
    List<byte[]> blocks = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    RowBlocks packer =
        new RowBlocks(
            BLOCK_BYTES,
            (data, count) -> {
              blocks.add(data);
              counts.add(count);
            });
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (byte[] row : rows) {
      expected.writeBytes(row);
      byte[] data = Arrays.copyOf(row, row.length + 3);
      packer.add(data, 0, row.length);
      Arrays.fill(data, (byte) 0);
    }
    packer.flush();
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    blocks.forEach(found::writeBytes);
    assertThat(found.toByteArray()).isEqualTo(expected.toByteArray());
    assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(rows.size());
    for (int i = 0; i < blocks.size(); i++) {
      if (counts.get(i) > 1) {
        assertThat(blocks.get(i).length).isLessThanOrEqualTo(BLOCK_BYTES);
      }
    }
  }
}
