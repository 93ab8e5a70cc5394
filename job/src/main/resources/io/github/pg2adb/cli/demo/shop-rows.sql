-- The shop's first rows. @table@ stands for the number of rows.

INSERT INTO shop.customers (name, email, tier, address, tags, balance, created_at)
SELECT 'Customer ' || i,
  CASE WHEN i % 11 > 0 THEN 'c' || i || '@example.org' END,
  (enum_range(NULL::shop.tier))[1 + i % 3],
  CASE WHEN i % 7 > 0 THEN ROW('Street "' || i || '"', 'Zürich, 東京', i % 100000)::shop.address END,
  CASE i % 3 WHEN 0 THEN ARRAY['a,b', NULL, '', 'null'] WHEN 1 THEN ARRAY[]::text[] END,
  i % 1000 / 8.0,
  TIMESTAMPTZ '2020-01-01 00:00Z' + i * INTERVAL '1 minute 1 microsecond'
FROM generate_series(1, @customers@) i;

INSERT INTO shop.products (name, description, price, attributes, picture, stock)
SELECT 'Product ' || i,
  -- More than 8 kB that no compression makes small.
  (SELECT string_agg(md5(random()::text || i || j), E'\n') FROM generate_series(1, 260) j),
  i % 500 + 0.99,
  jsonb_build_object('color', (ARRAY['red', 'grün', E'back\\slash'])[1 + i % 3], 'weight', i / 7.0, 'tags', ARRAY[i, NULL]),
  decode(md5(i::text) || '00ff5c', 'hex'),
  i % 90
FROM generate_series(1, @products@) i;

INSERT INTO shop.orders (id, ordered_on, customer_id, status, total, note)
SELECT i, DATE '2024-01-01' + i % 500, 1 + i % @customers@, (enum_range(NULL::shop.status))[1 + i % 4], i % 10000 / 4.0,
  CASE i % 5 WHEN 0 THEN '' WHEN 1 THEN E'tab\there, line\nthere, back\\slash' END
FROM generate_series(1, @orders@) i;
SELECT setval('shop.order_number', @orders@);

INSERT INTO shop.order_items (order_id, line, product_id, quantity, price)
SELECT 1 + i / 3, i % 3, gen_random_uuid(), 1 + i % 5, i % 700 / 4.0
FROM generate_series(0, @order_items@ - 1) i;

INSERT INTO shop.page_views (viewed_at, customer_id, path, milliseconds)
SELECT TIMESTAMPTZ '2024-06-01 00:00Z' + i / 10 * INTERVAL '1 second', i / 10 % 1000, '/product/' || i / 10 % 500, i / 10 % 77 / 3.0
FROM generate_series(1, @page_views@) i;

INSERT INTO shop.audit_log (happened_at, who, what)
SELECT TIMESTAMP '2024-06-01' + i * INTERVAL '1 ms', ('10.0.' || i % 256 || '.0/24')::inet, repeat('login ', i % 4)
FROM generate_series(1, @audit_log@) i;

INSERT INTO shop.carts
SELECT i, ARRAY[gen_random_uuid(), NULL], i * INTERVAL '1 hour' FROM generate_series(1, @carts@) i;

INSERT INTO shop.shipments
SELECT i, (ARRAY['DHL', 'GLS  ', ' UPS'])[1 + i % 3],
  CASE i % 50 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE i / 3.0::float8 END,
  CASE i % 9 WHEN 0 THEN '24:00:00+02'::timetz ELSE '08:15:00.000001-05:30' END,
  tstzrange(TIMESTAMPTZ '2024-01-01 00:00Z' + i * INTERVAL '1 hour', CASE WHEN i % 4 > 0 THEN 'infinity'::timestamptz END),
  ARRAY[point(i / 10.0, 1e-300), point(-i, 0.1)],
  (i % 2048)::bit(11)::varbit,
  ('{"n": ' || i || '.0,  "n": null}')::json
FROM generate_series(1, @shipments@) i;

INSERT INTO shop."Order"
SELECT i, 'from ' || i, i % 300, TIMESTAMP '0044-03-15 12:00 BC' + i * INTERVAL '1 year', repeat('☃😀', i % 5)
FROM generate_series(1, @Order@) i;

INSERT INTO "User"."select"
SELECT (ARRAY['a', 'A', 'ä', 'a '])[1 + i % 4], i, NULLIF(i % 3, 2) = 1
FROM generate_series(1, @select@) i;

ANALYZE;
