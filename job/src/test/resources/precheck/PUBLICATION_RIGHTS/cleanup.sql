-- source
DROP OWNED BY ${role}_owner;
DROP ROLE ${role}_owner;
