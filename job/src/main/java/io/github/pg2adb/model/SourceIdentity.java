package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * Which history of which database cluster the WAL positions of a task belong to. Positions of
 * another one are other places, even where the numbers are alike.
 *
 * @param system the cluster's system identifier, which initdb makes and physical copies keep
 * @param timeline the timeline, which a promotion or a recovery to a point in time changes
 */
public record SourceIdentity(String system, int timeline) implements Serializable {}
