-- destination
CREATE COLLATION public.plainly (locale = 'C');
