package io.github.pg2adb.schema;

import java.util.List;

/**
 * What the schema step did, in the order in which it did it.
 *
 * @param entries one per object, and one more for everything that differs from the source
 */
public record SchemaReport(List<Entry> entries) {

  public SchemaReport {
    entries = List.copyOf(entries);
  }

  /** What happened to an object. */
  public enum Outcome {
    /** It was made. */
    CREATED,
    /** It was there and stays as it is. */
    KEPT,
    /** It was made in another form than in the source. */
    ADAPTED,
    /** The destination goes without it. */
    LEFT_OUT
  }

  /**
   * One outcome.
   *
   * @param outcome what happened
   * @param object what it happened to, as in {@code table public.orders} or {@code column
   *     public.orders.id}
   * @param detail a sentence for people that says why; empty where the outcome says it all
   */
  public record Entry(Outcome outcome, String object, String detail) {}

  /** The entries with this outcome. */
  public List<Entry> of(Outcome outcome) {
    return entries.stream().filter(entry -> entry.outcome() == outcome).toList();
  }
}
