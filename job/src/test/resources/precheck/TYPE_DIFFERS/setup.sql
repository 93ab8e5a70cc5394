-- source
CREATE TYPE mood AS ENUM ('glad', 'sad');
ALTER TABLE plain ADD COLUMN mood mood;
-- destination
CREATE TYPE mood AS ENUM ('sad');
