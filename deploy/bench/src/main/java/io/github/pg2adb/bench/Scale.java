package io.github.pg2adb.bench;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How much of everything there is to do. */
final class Scale {

  /** Something that there may be more or less of. */
  enum Size {
    ROWS("rows of the full load", 2_000_000, 100_000),
    BULK_ROWS("rows of the table that one UPDATE changes whole", 880_000, 50_000),
    TRANSACTIONS("transactions of four statements", 220_000, 10_000),
    CHANGES("changes per second of the steady load", 5_000, 1_000),
    SECONDS("how long the steady load goes on", 60, 10),
    TABLES("tables of 100 rows that are migrated whole", 2_000, 100),
    START_TABLES("tables of the start with many tables", 5_000, 200),
    HOT_TABLES("tables that change at once", 200, 20),
    GROWTH_ROWS(
        "rows of the smallest table of growth; the others have 5 and 20 times as many",
        1_000_000,
        50_000),
    MEMORY_ROWS("rows of the table that is loaded with a heap of 1 GB", 66_000_000, 500_000),
    MEMORY_CHANGES("rows that one transaction inserts then", 5_000_000, 200_000),
    MEMORY_VALUE("MiB of each large value that is loaded and changed then", 64, 16);

    private final String meaning;
    private final long usual;
    private final long quick;

    Size(String meaning, long usual, long quick) {
      this.meaning = meaning;
      this.usual = usual;
      this.quick = quick;
    }

    /** The name on the command line. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String meaning() {
      return meaning;
    }

    long usual() {
      return usual;
    }

    long quick() {
      return quick;
    }

    /**
     * @throws IllegalArgumentException if there is no such name
     */
    static Size parse(String word) {
      for (Size size : values()) {
        if (size.word().equals(word)) {
          return size;
        }
      }
      throw new IllegalArgumentException("no size is called \"" + word + "\"");
    }
  }

  private final Map<Size, Long> sizes = new EnumMap<>(Size.class);

  /**
   * @param quick a few minutes' work, which shows that everything goes and says little about speed
   * @param others sizes that are otherwise
   */
  Scale(boolean quick, Map<Size, Long> others) {
    for (Size size : Size.values()) {
      sizes.put(size, others.getOrDefault(size, quick ? size.quick() : size.usual()));
    }
  }

  long of(Size size) {
    return sizes.getOrDefault(size, size.usual());
  }

  int intOf(Size size) {
    return Math.toIntExact(of(size));
  }

  /** All of them by their names on the command line. */
  Map<String, Long> byName() {
    Map<String, Long> names = new java.util.LinkedHashMap<>();
    sizes.forEach((size, amount) -> names.put(size.word(), amount));
    return names;
  }
}
