package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Objects;

/** A value that must never be printed: {@link #toString} hides it. */
public final class Secret implements Serializable {

  private static final long serialVersionUID = 1L;

  private final String value;

  public Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The value itself, for handing to a driver and nothing else. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "****";
  }
}
