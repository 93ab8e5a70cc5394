-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
CREATE TRIGGER always BEFORE UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE plain ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER ordinary BEFORE UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE ignore AS ON DELETE TO plain DO INSTEAD NOTHING;
ALTER TABLE plain ENABLE ALWAYS RULE ignore;
