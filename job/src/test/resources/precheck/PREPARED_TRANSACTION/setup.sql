-- source
BEGIN;
INSERT INTO plain VALUES (1, 'a');
PREPARE TRANSACTION '${task}';
