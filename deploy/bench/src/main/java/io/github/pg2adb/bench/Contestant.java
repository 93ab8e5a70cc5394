package io.github.pg2adb.bench;

import java.util.Optional;

/** Something that copies a database, or follows its changes, or both. */
interface Contestant {

  /** Its name in the report. */
  String name();

  /** Why it cannot take part here, if it cannot. */
  Optional<String> absence(Arena arena);
}
