package io.github.pg2adb.cli.demo;

import java.time.Duration;

/**
 * What the user asked for.
 *
 * @param time how long the shop is busy
 * @param rows how many rows it starts with
 */
record DemoOptions(Duration time, long rows) {}
