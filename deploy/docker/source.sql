-- A small shop, for compose.yaml.
CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL, since timestamptz NOT NULL DEFAULT now());
CREATE TABLE purchase (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer bigint NOT NULL,
  amount numeric(12, 2) NOT NULL,
  note text
);
INSERT INTO customer (id, name) SELECT i, 'customer ' || i FROM generate_series(1, 10000) AS i;
INSERT INTO purchase (customer, amount, note)
SELECT 1 + i % 10000, i % 997 + 0.99, repeat('n', i % 40) FROM generate_series(1, 500000) AS i;
ANALYZE;
