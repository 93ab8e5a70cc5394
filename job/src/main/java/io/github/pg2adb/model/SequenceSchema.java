package io.github.pg2adb.model;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of the source.
 *
 * @param name schema and name
 * @param type the type of its values as {@code format_type} spells it
 * @param start its first value
 * @param increment what is added each time, negative for one that goes down
 * @param minimum its smallest value
 * @param maximum its largest value
 * @param cache how many values a session takes at once
 * @param cycle whether it begins again at its end
 * @param owner the column that it belongs to, null for none
 * @param identity whether that is an identity column, which makes its sequence itself
 */
public record SequenceSchema(
    TableName name,
    String type,
    long start,
    long increment,
    long minimum,
    long maximum,
    long cache,
    boolean cycle,
    SourceSchema.@Nullable ColumnName owner,
    boolean identity)
    implements Serializable {}
