package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A database and how to log in to it.
 *
 * @param host name or address of the server
 * @param port TCP port
 * @param database the database's name
 * @param user the role
 * @param password its password; null where the server asks for none
 * @param tls how the connection is protected
 */
public record Endpoint(
    String host, int port, String database, String user, @Nullable Secret password, Tls tls)
    implements Serializable {

  public Endpoint {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(tls, "tls");
  }

  /** For messages: host, port, database and role. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + database;
  }

  /**
   * TLS as libpq and pgjdbc name it.
   *
   * @param mode libpq's sslmode
   * @param rootCertificate file of the trusted CA certificates, null for the driver's default
   * @param certificate file of the client certificate, null for none
   * @param key file of the client key (PKCS-8 DER or PKCS-12), null for none
   * @param keyPassword password of the key file, null for none
   * @see <a href="https://www.postgresql.org/docs/current/libpq-ssl.html">libpq SSL support</a>
   */
  public record Tls(
      Mode mode,
      @Nullable String rootCertificate,
      @Nullable String certificate,
      @Nullable String key,
      @Nullable Secret keyPassword)
      implements Serializable {

    /** The default: encrypted where the server offers it. */
    public static final Tls PREFER = new Tls(Mode.PREFER, null, null, null, null);

    /** libpq's sslmode values. */
    public enum Mode {
      DISABLE("disable"),
      ALLOW("allow"),
      PREFER("prefer"),
      REQUIRE("require"),
      VERIFY_CA("verify-ca"),
      VERIFY_FULL("verify-full");

      private final String word;

      Mode(String word) {
        this.word = word;
      }

      /** The word that libpq, pgjdbc and the task file use. */
      public String word() {
        return word;
      }
    }
  }
}
