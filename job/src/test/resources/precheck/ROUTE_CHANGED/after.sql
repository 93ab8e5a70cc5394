-- destination
CREATE TABLE public.gone (id int PRIMARY KEY);
