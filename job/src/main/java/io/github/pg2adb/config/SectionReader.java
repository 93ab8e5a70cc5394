package io.github.pg2adb.config;

import io.github.pg2adb.config.Option.Presence;
import io.github.pg2adb.config.Option.Shape;
import io.github.pg2adb.model.NearestName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads mappings of the file's node tree and notes what is wrong with them. Messages quote only
 * what stands in the file, never what the environment put in, and of secrets nothing.
 */
final class SectionReader {

  /** What can be shown of a key: the rest may be a value that a space before it is missing. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.-]*");

  /** What can be shown of a value: one word, or a number and its unit. */
  private static final Pattern VALUE = Pattern.compile("\\S{0,80}|\\d{1,20} [A-Za-z]{1,10}");

  private final Substitution substitution;
  private final Problems problems;

  SectionReader(Substitution substitution, Problems problems) {
    this.substitution = substitution;
    this.problems = problems;
  }

  /** A value that was read, with what may be shown of it. */
  private record Scalar(String value, String shown) {}

  /**
   * The entries of a mapping.
   *
   * @param what what the mapping is, for messages
   * @param known the keys that it may have
   * @return by key; unknown and repeated keys are problems and not among them; null if it is no
   *     mapping, which is a problem too
   */
  @Nullable Map<String, Node> entries(Node node, String what, Set<String> known) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node.getStartMark(), what + " must be a mapping of keys to values");
      return null;
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node keyNode = tuple.getKeyNode();
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (!known.contains(key)) {
        problems.add(
            keyNode.getStartMark(),
            "unknown key \"" + shown(key) + "\" in " + what + nearest(key, known));
      } else if (!seen.add(key)) {
        problems.add(keyNode.getStartMark(), "key \"" + key + "\" is there twice in " + what);
      } else {
        entries.put(key, tuple.getValueNode());
      }
    }
    return entries;
  }

  /** A group that is written as a mapping, {@code tls: {mode: ...}}, is nearest to its own keys. */
  private static String nearest(String key, Set<String> known) {
    Set<String> group =
        known.stream()
            .filter(candidate -> candidate.startsWith(key + "."))
            .collect(Collectors.toSet());
    return NearestName.find(key, group.isEmpty() ? known : group)
        .map(name -> ", the nearest known key is \"" + name + "\"")
        .orElse("");
  }

  private static String shown(String key) {
    Matcher matcher = KEY.matcher(key);
    return matcher.lookingAt() && matcher.end() < key.length() ? matcher.group() + "..." : key;
  }

  /** Reads every option of a section, and notes the required ones that are absent. */
  void read(Node section, String name, Values values) {
    List<Option<?>> options = Options.of(name);
    Set<String> keys = new TreeSet<>(options.stream().map(Option::key).toList());
    Map<String, Node> entries = entries(section, "section \"" + name + "\"", keys);
    if (entries == null) {
      return;
    }
    for (Option<?> option : options) {
      read(section, option, entries.get(option.key()), values);
    }
  }

  private <T> void read(Node section, Option<T> option, @Nullable Node node, Values values) {
    List<String> defaults = option.defaultValues();
    if (node != null) {
      values.put(option, values(option, node));
    } else if (option.presence() == Presence.REQUIRED) {
      problems.add(section.getStartMark(), option.name() + " is missing");
    } else if (defaults != null) {
      values.put(option, defaults.stream().map(option.type().parser()).toList());
    }
  }

  /** The option's values without those that are wrong. */
  private <T> List<T> values(Option<T> option, Node node) {
    List<T> values = new ArrayList<>();
    if (option.shape() == Shape.ONE) {
      addValue(option, node, values);
    } else if (option.shape() == Shape.BY_TABLE) {
      addRules(option, node, values);
    } else if (node instanceof SequenceNode sequence) {
      if (sequence.getValue().isEmpty() && !option.mayBeEmpty()) {
        problems.add(node.getStartMark(), option.name() + " must not be empty");
      }
      for (Node element : sequence.getValue()) {
        addElement(option, element, values);
      }
    } else {
      problems.add(node.getStartMark(), option.name() + " must be a list, as in [a, b]");
    }
    return values;
  }

  /** One value is a rule for all tables. */
  private <T> void addRules(Option<T> option, Node node, List<T> values) {
    if (!(node instanceof MappingNode mapping)) {
      addRule(option, "*.*", node, values);
      return;
    }
    if (mapping.getValue().isEmpty()) {
      problems.add(node.getStartMark(), option.name() + " must not be empty");
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Scalar pattern = scalar(option, tuple.getKeyNode());
      if (pattern != null && !seen.add(pattern.value())) {
        problems.add(tuple.getKeyNode().getStartMark(), option.name() + " has a pattern twice");
      } else if (pattern != null) {
        addRule(option, pattern.value(), tuple.getValueNode(), values);
      }
    }
  }

  private <T> void addRule(Option<T> option, String pattern, Node node, List<T> values) {
    StringBuilder text = new StringBuilder(pattern).append(ValueType.END);
    String shown = "";
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        Scalar scalar = scalar(option, element);
        if (scalar == null) {
          return;
        }
        text.append(scalar.value()).append(ValueType.END);
      }
    } else {
      Scalar scalar = scalar(option, node);
      if (scalar == null) {
        return;
      }
      text.append(scalar.value());
      shown = scalar.shown();
    }
    try {
      values.add(option.type().parser().apply(text.toString()));
    } catch (IllegalArgumentException e) {
      problems.add(
          node.getStartMark(), option.name() + " must be " + option.type().description() + shown);
    }
  }

  private <T> void addElement(Option<T> option, Node element, List<T> values) {
    List<T> read = new ArrayList<>();
    addValue(option, element, read);
    for (T value : read) {
      if (values.contains(value)) {
        problems.add(element.getStartMark(), option.name() + " has a value twice");
      } else {
        values.add(value);
      }
    }
  }

  private <T> void addValue(Option<T> option, Node node, List<T> values) {
    Scalar scalar = scalar(option, node);
    if (scalar == null) {
      return;
    }
    try {
      values.add(option.type().parser().apply(scalar.value()));
    } catch (ValueType.RefusedException e) {
      problems.add(
          node.getStartMark(), option.name() + " " + e.requirement() + scalar.shown() + e.remark());
    } catch (IllegalArgumentException e) {
      problems.add(
          node.getStartMark(),
          option.name() + " must be " + option.type().description() + scalar.shown());
    }
  }

  private @Nullable Scalar scalar(Option<?> option, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      problems.add(node.getStartMark(), option.name() + " must be a single value");
      return null;
    }
    if (scalar.getTag().equals(Tag.NULL)) {
      problems.add(node.getStartMark(), option.name() + " has no value");
      return null;
    }
    String text = scalar.getValue();
    try {
      return new Scalar(substitution.apply(text), shownValue(option, text));
    } catch (IllegalArgumentException e) {
      problems.add(node.getStartMark(), option.name() + ": " + e.getMessage());
      return null;
    }
  }

  /**
   * The text in the file, for the end of a message; nothing for a secret, and nothing for a text
   * that looks as if it had swallowed the next line.
   */
  private static String shownValue(Option<?> option, String text) {
    boolean shown = !option.isSecret() && VALUE.matcher(text).matches();
    return shown ? ", not \"" + text + "\"" : "";
  }
}
