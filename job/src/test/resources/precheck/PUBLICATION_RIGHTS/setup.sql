-- source
CREATE ROLE ${role}_owner;
ALTER TABLE plain OWNER TO ${role}_owner;
