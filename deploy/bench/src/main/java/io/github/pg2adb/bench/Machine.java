package io.github.pg2adb.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  static Map<String, String> facts() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "processor",
        system.getAvailableProcessors() + " x " + firstOf("/proc/cpuinfo", "model name"));
    facts.put("memory", firstOf("/proc/meminfo", "MemTotal"));
    facts.put("system", system.getName() + " " + system.getVersion() + " " + system.getArch());
    facts.put("java", Runtime.version().toString());
    facts.put("load before", String.format(Locale.ROOT, "%.2f", system.getSystemLoadAverage()));
    return facts;
  }

  /** A value of one of Linux' files of facts, which other systems do not have. */
  private static String firstOf(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
