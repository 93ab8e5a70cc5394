package io.github.pg2adb.schema;

import io.github.pg2adb.testing.TestDatabase;

/** Everything that a source can have besides tables and types. */
final class ObjectZoo {

  private ObjectZoo() {}

  /**
   * Creates what every release since 10 has, and what came with later ones as far as it is there.
   */
  static void create(TestDatabase database, int major) {
    database.execute(
        "CREATE SCHEMA shop",
        "CREATE SCHEMA reports",
        "CREATE SCHEMA elsewhere",
        "CREATE FUNCTION shop.slug(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.lower(t)'",
        "CREATE FUNCTION shop.positive(n numeric) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n > 0; END $$",
        "CREATE FUNCTION elsewhere.number() RETURNS int LANGUAGE sql AS 'SELECT 42; -- {it''s} ?'",
        "CREATE FUNCTION elsewhere.unused() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE DOMAIN shop.slugged AS text CHECK (VALUE = shop.slug(VALUE))",
        """
        CREATE TABLE shop.customer (
          id int PRIMARY KEY, email text NOT NULL, name text, code shop.slugged, tags text[],
          number int DEFAULT elsewhere.number(), during tstzrange,
          CONSTRAINT email_is_free UNIQUE (email), CONSTRAINT by_both UNIQUE (id, email),
          CONSTRAINT named CHECK (name <> ''),
          CONSTRAINT "one {at} a 'time" EXCLUDE USING gist (during WITH &&) DEFERRABLE)
        """,
        """
        CREATE TABLE shop."Order" (
          "Id" bigint PRIMARY KEY, customer int NOT NULL, amount numeric, placed timestamptz, old int,
          CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES shop.customer ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
          CONSTRAINT amount_is_positive CHECK (shop.positive(amount)))
        """,
        "CREATE TABLE shop.rating (id int PRIMARY KEY, \"order\" bigint, stars int, parent int REFERENCES shop.rating)",
        "ALTER TABLE shop.rating ADD CONSTRAINT few CHECK (stars < 6) NOT VALID",
        "ALTER TABLE shop.rating ADD CONSTRAINT of_order FOREIGN KEY (\"order\") REFERENCES shop.\"Order\" MATCH FULL"
            + " ON UPDATE SET NULL ON DELETE SET DEFAULT NOT VALID",
        "CREATE TABLE elsewhere.secret (id int PRIMARY KEY)",
        "ALTER TABLE shop.rating ADD CONSTRAINT of_secret FOREIGN KEY (stars) REFERENCES elsewhere.secret",
        "CREATE INDEX by_name ON shop.customer (name DESC, email COLLATE \"C\" text_pattern_ops NULLS FIRST) WITH (fillfactor = 70)",
        "CREATE INDEX \"By Slug\" ON shop.customer (shop.slug(name), (id + 1)) WHERE name IS NOT NULL",
        "CREATE INDEX by_tags ON shop.customer USING gin (tags) WITH (fastupdate = off)",
        "CREATE INDEX by_hash ON shop.\"Order\" USING hash (customer)",
        "CREATE INDEX by_block ON shop.\"Order\" USING brin (placed) WITH (pages_per_range = 16)",
        "CREATE UNIQUE INDEX one_per_moment ON shop.\"Order\" (customer, placed) WHERE amount > 0",
        "CREATE VIEW shop.totals AS SELECT customer, sum(amount) AS total FROM shop.\"Order\" GROUP BY customer",
        "CREATE VIEW reports.a_first (\"The {Name}\", total) WITH (security_barrier) AS SELECT c.name, t.total FROM shop.totals t"
            + " JOIN shop.customer c ON c.id = t.customer",
        "CREATE MATERIALIZED VIEW reports.kept AS SELECT * FROM reports.a_first",
        "CREATE UNIQUE INDEX kept_by_name ON reports.kept (\"The {Name}\")",
        "CREATE VIEW reports.hidden AS SELECT o.* FROM shop.\"Order\" o JOIN elsewhere.secret s ON s.id = o.customer",
        "CREATE VIEW elsewhere.unrelated AS SELECT * FROM elsewhere.secret",
        "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$",
        "CREATE TRIGGER touched BEFORE UPDATE ON shop.customer FOR EACH ROW EXECUTE PROCEDURE shop.touch()",
        "CREATE RULE ignored AS ON DELETE TO shop.rating DO INSTEAD NOTHING",
        "CREATE POLICY own ON shop.rating USING (true)",
        "CREATE STATISTICS shop.together ON name, email FROM shop.customer",
        "CREATE FUNCTION shop.join_two(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || ',' || $2 $$",
        "CREATE AGGREGATE shop.joined(text) (SFUNC = shop.join_two, STYPE = text, INITCOND = '')",
        "CREATE VIEW shop.names AS SELECT shop.joined(name) AS names FROM shop.customer",
        "COMMENT ON SCHEMA shop IS 'the shop''s \\ schema'",
        "COMMENT ON TABLE shop.customer IS 'who buys'",
        "COMMENT ON COLUMN shop.\"Order\".\"Id\" IS '{number}'",
        "COMMENT ON VIEW shop.totals IS 'sums'",
        "COMMENT ON COLUMN reports.kept.total IS 'kept sum'",
        "COMMENT ON INDEX shop.\"By Slug\" IS 'searched'",
        "COMMENT ON CONSTRAINT named ON shop.customer IS 'has a name'",
        "COMMENT ON FUNCTION shop.slug(text) IS 'makes slugs'",
        "COMMENT ON TYPE shop.slugged IS 'a slug'",
        "COMMENT ON TABLE elsewhere.secret IS 'not migrated'",
        "INSERT INTO shop.customer (id, email, name) SELECT i, 'mail' || i, 'Name ' || i FROM generate_series(1, 100) i",
        "INSERT INTO shop.\"Order\" SELECT i, 1 + i % 100, i, timestamptz '2020-01-01Z' + i * interval '1 hour', i FROM generate_series(1, 300) i");
    if (major >= 11) {
      database.execute(
          "CREATE INDEX covering ON shop.\"Order\" (customer) INCLUDE (amount, \"Id\")",
          "ALTER TABLE shop.\"Order\" ADD CONSTRAINT covered UNIQUE (\"Id\", old) INCLUDE (amount)",
          "CREATE PROCEDURE shop.nothing() LANGUAGE sql AS 'SELECT 1'");
    }
  }
}
