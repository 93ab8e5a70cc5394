package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.ReplicaIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTest {

  private static final UniqueIndex PRIMARY =
      new UniqueIndex(1, "t_pkey", List.of("a", "b"), true, false, true, true, true);
  private static final UniqueIndex IDENTITY =
      new UniqueIndex(1, "t_id", List.of("c", "d"), false, true, true, true, true);
  private static final UniqueIndex NULLABLE =
      new UniqueIndex(1, "t_n", List.of("n"), false, false, true, false, true);
  private static final UniqueIndex SMALL =
      new UniqueIndex(1, "t_s", List.of("s"), false, false, true, true, true);

  @Test
  void primaryKeyComesFirst() {
    Keys keys = new Keys(ReplicaIdentity.DEFAULT, List.of(IDENTITY, NULLABLE, PRIMARY, SMALL));

    assertThat(keys.primaryKey()).containsExactly("a", "b");
    assertThat(keys.identityKey()).containsExactly("a", "b");
    assertThat(keys.chunkKey()).containsExactly("a", "b");
    assertThat(keys.uniqueKeys()).containsExactly(List.of("c", "d"), List.of("n"), List.of("s"));
  }

  @Test
  void replicaIdentityDecidesWhatIdentifiesARow() {
    List<UniqueIndex> indexes = List.of(PRIMARY, IDENTITY);

    assertThat(new Keys(ReplicaIdentity.INDEX, indexes).identityKey()).containsExactly("c", "d");
    assertThat(new Keys(ReplicaIdentity.FULL, indexes).identityKey()).containsExactly("a", "b");
    assertThat(new Keys(ReplicaIdentity.FULL, List.of(IDENTITY)).identityKey()).isEmpty();
    assertThat(new Keys(ReplicaIdentity.NOTHING, indexes).identityKey()).isEmpty();
    // its index was dropped
    assertThat(new Keys(ReplicaIdentity.INDEX, List.of(PRIMARY)).identityKey()).isEmpty();
  }

  @Test
  void withoutPrimaryKeyTheFewestColumnsThatRefuseNullCutTheTable() {
    Keys keys = new Keys(ReplicaIdentity.DEFAULT, List.of(NULLABLE, SMALL));

    assertThat(keys.chunkKey()).containsExactly("s");
    assertThat(new Keys(ReplicaIdentity.INDEX, List.of(IDENTITY, SMALL)).chunkKey())
        .containsExactly("c", "d");
    assertThat(new Keys(ReplicaIdentity.DEFAULT, List.of(NULLABLE)).chunkKey()).isEmpty();
  }

  @Test
  void deferrableKeyNeitherIdentifiesNorCuts() {
    UniqueIndex deferrable =
        new UniqueIndex(1, "t_pkey", List.of("a"), true, false, false, true, true);
    Keys keys = new Keys(ReplicaIdentity.DEFAULT, List.of(deferrable));

    assertThat(keys.primaryKey()).containsExactly("a");
    assertThat(keys.identityKey()).isEmpty();
    assertThat(keys.chunkKey()).isEmpty();
  }

  @Test
  void keyWithoutOrderDoesNotCut() {
    UniqueIndex unsorted =
        new UniqueIndex(1, "t_pkey", List.of("a"), true, false, true, true, false);

    assertThat(new Keys(ReplicaIdentity.DEFAULT, List.of(unsorted)).chunkKey()).isEmpty();
  }
}
