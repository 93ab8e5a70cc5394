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
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyedChangesTest {

  private static final Relation KEYED = Wal.keyed("t", "id*", "n", "big");
  private static final Relation FULL = Wal.full("t", "id", "n", "big");

  private static KeyedChanges changes(Relation relation, RowChange... events) {
    KeyedChanges changes = new KeyedChanges(relation, new int[] {0});
    for (RowChange event : events) {
      changes.add(event, false);
    }
    return changes;
  }

  @Test
  void aValueThatTheDestinationHasNoColumnForIsNotMissed() {
    KeyedChanges changes = new KeyedChanges(KEYED, new int[] {0}, new int[] {0, 1});
    changes.add(update(KEYED, "1", "a", UNCHANGED), false);

    assertThat(changes.rows().values())
        .singleElement()
        .satisfies(row -> assertThat(row.origin()).isNull());
    assertThat(changes(KEYED, update(KEYED, "1", "a", UNCHANGED)).rows().values())
        .singleElement()
        .satisfies(row -> assertThat(row.origin()).isNotNull());
  }

  @Test
  void insertedAndDeletedRowLeavesNothing() {
    assertThat(
            changes(
                    KEYED,
                    insert(KEYED, "1", "a", "B"),
                    update(KEYED, row("1", null, null), row("2", "b", UNCHANGED)),
                    delete(KEYED, "2", null, null))
                .rows())
        .isEmpty();
  }

  @Test
  void insertedAndDeletedRowIsDeletedInAReplay() {
    KeyedChanges changes = new KeyedChanges(KEYED, new int[] {0});
    changes.add(insert(KEYED, "1", "a", "B"), true);
    changes.add(delete(KEYED, "1", null, null), true);

    assertThat(changes.rows()).hasSize(1);
    assertThat(changes.rows().values().iterator().next().image()).isNull();
  }

  @Test
  void deletedAndInsertedAndDeletedRowIsDeleted() {
    KeyedChanges changes =
        changes(
            KEYED,
            delete(KEYED, "1", null, null),
            insert(KEYED, "1", "a", "B"),
            delete(KEYED, "1", null, null));

    assertThat(changes.rows()).hasSize(1);
    assertThat(changes.rows().values().iterator().next().image()).isNull();
  }

  @Test
  void unchangedKeyIsTakenFromTheOldRow() {
    KeyedChanges changes =
        changes(KEYED, update(KEYED, row("1", null, null), row(UNCHANGED, "a", "B")));

    assertThat(changes.rows()).hasSize(1);
    assertThat(changes.rows().values().iterator().next().image()).isEqualTo(row("1", "a", "B"));
  }

  @Test
  void unknownKeyIsAnError() {
    assertThatThrownBy(() -> changes(KEYED, update(KEYED, UNCHANGED, "a", "B")))
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot apply UPDATE on table \"public.t\": the WAL does not carry the key"
                + " Hint: Set REPLICA IDENTITY FULL on the source table and start the task again.");
  }

  @Property(tries = 2000)
  void netEffectIsWhatTheChangesDoOneByOne(@ForAll long seed, @ForAll boolean full) {
    Source source = new Source(seed, full ? FULL : KEYED);
    Map<String, Tuple> destination = new TreeMap<>(source.rows);
    for (int batch = 0; batch < 3; batch++) {
      List<RowChange> events = source.transact();
      KeyedChanges changes = new KeyedChanges(full ? FULL : KEYED, new int[] {0});
      events.forEach(event -> changes.add(event, false));

      destination = apply(changes, destination);

      assertThat(destination).isEqualTo(source.rows);
    }
  }

  /** What the SQL of {@link TableMerge} does: read what is needed, then delete, then insert. */
  private static Map<String, Tuple> apply(KeyedChanges changes, Map<String, Tuple> before) {
    Map<String, Tuple> after = new TreeMap<>(before);
    changes.rows().keySet().forEach(key -> after.remove(id(key.tuple())));
    changes
        .rows()
        .forEach(
            (key, row) -> {
              Tuple image = row.image();
              RowKey origin = row.origin();
              if (image != null) {
                if (origin != null) {
                  assertThat(before).containsKey(id(origin.tuple()));
                  image = Tuples.fill(image, before.get(id(origin.tuple())), new int[] {0, 1, 2});
                }
                assertThat(image.hasUnchanged()).isFalse();
                after.put(id(key.tuple()), image);
              }
            });
    return after;
  }

  private static String id(Tuple tuple) {
    return String.valueOf(tuple.text(0));
  }

  /** A table that changes at random, and says so as the WAL does. */
  private static final class Source {
    private final Random random;
    private final Relation relation;
    private final Map<String, Tuple> rows = new TreeMap<>();

    Source(long seed, Relation relation) {
      this.random = new Random(seed);
      this.relation = relation;
      for (int i = 0; i < random.nextInt(5); i++) {
        rows.put("" + i, row("" + i, value(), value()));
      }
    }

    List<RowChange> transact() {
      List<RowChange> events = new ArrayList<>();
      for (int i = random.nextInt(20); i >= 0; i--) {
        String id = "" + random.nextInt(6);
        Tuple old = rows.get(id);
        if (old == null) {
          Tuple now = row(id, value(), value());
          rows.put(id, now);
          events.add(RowChange.insert(relation, now));
        } else if (random.nextInt(3) == 0) {
          rows.remove(id);
          events.add(new RowChange(RowChange.Operation.DELETE, relation, old(old), full(), null));
        } else {
          String to = random.nextInt(3) == 0 ? "" + random.nextInt(6) : id;
          if (to.equals(id) || !rows.containsKey(to)) {
            events.add(update(id, to, old));
          }
        }
      }
      return events;
    }

    private RowChange update(String id, String to, Tuple old) {
      boolean changesBig = random.nextBoolean();
      String n = value();
      String big = changesBig ? value() : old.text(2);
      rows.remove(id);
      rows.put(to, row(to, n, big));
      Tuple now = row(to, n, changesBig || big == null ? big : UNCHANGED);
      boolean showsOld = full() || !to.equals(id);
      return new RowChange(
          RowChange.Operation.UPDATE, relation, showsOld ? old(old) : null, full(), now);
    }

    private Tuple old(Tuple row) {
      return full() ? row : row(row.text(0), null, null);
    }

    private boolean full() {
      return relation.equals(FULL);
    }

    private @Nullable String value() {
      return random.nextInt(8) == 0 ? null : "v" + random.nextInt(100);
    }
  }
}
