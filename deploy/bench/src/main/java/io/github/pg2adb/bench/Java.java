package io.github.pg2adb.bench;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** How a contestant's JVM is started. */
final class Java {

  /** What Flink 1.20 reflects on, as in deploy/pg2adb. */
  private static final List<String> OPEN =
      List.of(
          "java.lang",
          "java.lang.reflect",
          "java.io",
          "java.net",
          "java.nio",
          "java.text",
          "java.time",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "java.util.concurrent.locks",
          "sun.nio.ch");

  /** Up to how many processors only the first compiler works, as in deploy/pg2adb. */
  private static final int FEW_PROCESSORS = 4;

  private Java() {}

  /** This JVM's program with the options that every Flink needs. */
  static List<String> command(String heap) {
    List<String> command = new ArrayList<>();
    command.add(String.join(File.separator, System.getProperty("java.home"), "bin", "java"));
    command.add("-Xmx" + heap);
    if (System.getProperty("os.name").equals("Linux")) {
      command.add("-XX:+UseTransparentHugePages");
    }
    if (Runtime.getRuntime().availableProcessors() <= FEW_PROCESSORS) {
      command.add("-XX:TieredStopAtLevel=1");
    }
    Stream<String> opens = OPEN.stream();
    opens.map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED").forEach(command::add);
    return command;
  }
}
