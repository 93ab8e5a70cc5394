package io.github.pg2adb.precheck;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An answer that several items need: asked for once, and refused to all if it was to one. */
final class Once<T> {

  private final Question<T> question;
  private @Nullable T answer;
  private @Nullable SkippedException refusal;

  Once(Question<T> question) {
    this.question = question;
  }

  /** Asks. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws SQLException, SkippedException;
  }

  /** The answer, or the refusal that the first to ask got. */
  T get() throws SQLException, SkippedException {
    if (refusal != null) {
      throw refusal;
    }
    T known = answer;
    if (known == null) {
      try {
        known = question.ask();
        answer = known;
      } catch (SkippedException e) {
        refusal = e;
        throw e;
      } catch (SQLException e) {
        refusal = new SkippedException("the server refused the question: " + e.getMessage());
        throw e;
      }
    }
    return known;
  }

  /** The answer if it was asked for and given. */
  Optional<T> given() {
    return Optional.ofNullable(answer);
  }
}
