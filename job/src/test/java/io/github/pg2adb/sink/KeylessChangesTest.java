package io.github.pg2adb.sink;

import static io.github.pg2adb.sink.Wal.UNCHANGED;
import static io.github.pg2adb.sink.Wal.delete;
import static io.github.pg2adb.sink.Wal.insert;
import static io.github.pg2adb.sink.Wal.row;
import static io.github.pg2adb.sink.Wal.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeylessChangesTest {

  private static final Relation T = Wal.full("t", "a", "b");

  @Test
  void countsRowsByTheirWholeImage() {
    KeylessChanges changes = new KeylessChanges(T);
    changes.add(insert(T, "1", "x"), false);
    changes.add(insert(T, "1", "x"), false);
    changes.add(insert(T, "1", null), false);
    changes.add(delete(T, "1", ""), false);
    changes.add(update(T, row("1", "x"), row("2", UNCHANGED)), false);
    changes.add(insert(T, "9", "gone"), false);
    changes.add(delete(T, "9", "gone"), false);

    assertThat(changes.counts())
        .isEqualTo(Map.of(row("1", "x"), 1, row("1", null), 1, row("1", ""), -1, row("2", "x"), 1));
  }

  @Test
  void needsTheWholeOldRow() {
    Relation keyed = Wal.keyed("t", "a*", "b");

    assertThatThrownBy(() -> new KeylessChanges(keyed).add(delete(keyed, "1", null), false))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith(
            "Cannot apply DELETE on table \"public.t\": the WAL does not carry the whole old row, and the table has no key");
  }
}
