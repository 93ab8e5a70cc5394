-- source
CREATE TABLE public."Mixed" (id int PRIMARY KEY);
CREATE TABLE public.mixed (id int PRIMARY KEY);
