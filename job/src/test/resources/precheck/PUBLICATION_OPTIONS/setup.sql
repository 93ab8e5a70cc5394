-- source
CREATE PUBLICATION ${publication} FOR TABLE plain (id) WITH (publish = 'insert');
