-- source
CREATE SCHEMA s;
CREATE TABLE s.t (id serial PRIMARY KEY);
CREATE TABLE public.t (id int);
CREATE VIEW s.shown AS SELECT id FROM s.t;
CREATE TYPE public.kind AS ENUM ('a');
CREATE TABLE public.u (k public.kind);
CREATE VIEW public.v AS SELECT k FROM public.u;
CREATE TABLE public.t_id_seq (id int);
CREATE TABLE s.not_selected (id int);
CREATE VIEW public.not_migrated AS SELECT id FROM s.not_selected;
