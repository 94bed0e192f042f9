-- PostgreSQL database dump
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
-- Name: ledger_changed_outside(); Type: FUNCTION; Schema: public; Owner: -
CREATE FUNCTION public.ledger_changed_outside() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    added BOOLEAN := FALSE;
BEGIN
    WHILE NOT added LOOP
        INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
            SELECT coalesce(max(version) + 1, extract(epoch FROM clock_timestamp())::bigint * 1000), 0, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                current_user, 'outside', '', '' FROM policy_history
            ON CONFLICT DO NOTHING;
        added := FOUND;
    END LOOP;
    PERFORM pg_notify('anylog_ledger', 'outside');
    RETURN NULL;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
-- Name: _sqlx_migrations; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
-- Name: ledger; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.ledger (
    sequence_id integer NOT NULL,
    policy_type character varying NOT NULL,
    policy_id character varying NOT NULL,
    company_name character varying,
    date timestamp without time zone DEFAULT now() NOT NULL,
    host character varying NOT NULL,
    status character varying,
    policy character varying
);
-- Name: ledger_sequence_id_seq; Type: SEQUENCE; Schema: public; Owner: -
CREATE SEQUENCE public.ledger_sequence_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
-- Name: ledger_sequence_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
ALTER SEQUENCE public.ledger_sequence_id_seq OWNED BY public.ledger.sequence_id;
-- Name: ledger_size; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.ledger_size (
    one boolean DEFAULT true NOT NULL,
    most bigint NOT NULL,
    CONSTRAINT ledger_size_one_check CHECK (one)
);
-- Name: policy_history; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.policy_history (
    version bigint NOT NULL,
    "time" character varying NOT NULL,
    who character varying NOT NULL,
    what character varying NOT NULL,
    policy_type character varying NOT NULL,
    policy_id character varying NOT NULL,
    before character varying,
    after character varying,
    place integer NOT NULL
);
-- Name: policy_history_rows; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.policy_history_rows (
    policy_id character varying NOT NULL,
    "time" character varying NOT NULL,
    host character varying NOT NULL,
    date character varying NOT NULL
);
-- Name: ledger sequence_id; Type: DEFAULT; Schema: public; Owner: -
ALTER TABLE ONLY public.ledger ALTER COLUMN sequence_id SET DEFAULT nextval('public.ledger_sequence_id_seq'::regclass);
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public._sqlx_migrations VALUES (1, 'ledger', '2026-11-29 23:41:42.02558+00', true, '\xf6fd8d226c34f7ed185dee5db59c93d635246b74389710277df81f1d07fb6df792e8b035fe9c6c8c1d5523be7fe0a3c0', 54457825);
INSERT INTO public._sqlx_migrations VALUES (2, 'history', '2026-11-29 23:41:42.088026+00', true, '\xc8c5987e36bbccea3b4d2f5a4f39d81cba707646615174ba27b07125ac4dcbcd38d021af76cdc43ce0623d63befc00b3', 31826001);
INSERT INTO public._sqlx_migrations VALUES (3, 'version', '2026-11-29 23:41:42.128048+00', true, '\x00b5b9c012fc6ad417d0f5e8a379c48074915934ea787b9a838b5d432fb59430cd0960768b95b1048e5af146d15ea1d3', 19734900);
INSERT INTO public._sqlx_migrations VALUES (4, 'changes', '2026-11-29 23:41:42.151846+00', true, '\xf70fde53a79b90f39a7aa3dc9c1b88042a7fa163069ef4e6d09b96d2a66c5ec46629d442ef4d5c706a23cb6d8269c160', 28231719);
INSERT INTO public._sqlx_migrations VALUES (5, 'compact', '2026-11-29 23:41:42.183809+00', true, '\x91b324141d9063158ae10fc9b81c76c14a105ded8717b9ac34a149d85187d70e2243428b4dcd6f5a6ef22b1b3700609f', 3964958);
INSERT INTO public._sqlx_migrations VALUES (6, 'calendar', '2026-11-29 23:41:42.196004+00', true, '\x9d94eb7d71096470b3fe8a9765e0aaace9051f8656c6557c8185b11cb6ed97666566e1ba2a1dcd467bf8ba8e379d6180', 3813343);
INSERT INTO public._sqlx_migrations VALUES (7, 'rows before', '2026-11-29 23:41:42.202897+00', true, '\x4d8edb426538592c19fc26221a3dfc617c8321dc4a9008e75075c420891e7ef1d1e83d7beb02a3145aaff57dabc22ca6', 10740257);
INSERT INTO public._sqlx_migrations VALUES (8, 'size', '2026-11-29 23:41:42.215723+00', true, '\x50bd4f397dd56ef455c6c4f2ccf9fc90b37b6ec8e6f20073458ca7e1cbbc8c069aac82d82735d005aefc08b7f1a43517', 8093743);
INSERT INTO public._sqlx_migrations VALUES (9, 'no calendar', '2026-11-29 23:41:42.227828+00', true, '\x23fe9929d86a50238571fc7c80bf79fbada2e3a74e94a4df735235110a4e8a47f66e0541bb277f80366a441991961c47', 2090231);
-- Data for Name: ledger; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.ledger VALUES (1, 'master', '63a88b4785cd238fd94e495fe04b7bba', 'New Company', '2026-11-29 23:41:42.265707', '127.0.0.1', NULL, '{"master": {"hostname": "master-1", "name": "m1", "external_ip": "192.0.2.9", "internal_ip": "127.0.0.1", "company": "New Company", "port": 32748, "rest_port": 32749, "loc": "0.0, 0.0", "country": "Unknown", "state": "Unknown", "city": "Unknown", "ip": "192.0.2.9", "local_ip": "127.0.0.1", "id": "63a88b4785cd238fd94e495fe04b7bba", "date": "2026-11-29T23:41:42.265707Z", "ledger": "global"}}');
INSERT INTO public.ledger VALUES (2, 'cluster', 'e3121d4692992976762a6e1035401aea', 'New Company', '2026-11-29 23:41:42.310347', '127.0.0.1', 'active', '{"cluster": {"company": "New Company", "name": "cluster-1", "id": "e3121d4692992976762a6e1035401aea", "date": "2026-11-29T23:41:42.310347Z", "status": "active", "ledger": "global"}}');
INSERT INTO public.ledger VALUES (3, 'device', 'kept-1', NULL, '2026-11-29 23:41:42.335981', '127.0.0.1', NULL, '{"device": {"name": "Z\u00fcrich \"north\"", "id": "kept-1", "loc": "47.37, 8.54", "date": "2026-11-29T23:41:42.335981Z", "ledger": "global"}}');
INSERT INTO public.ledger VALUES (6, 'table', '1e8f4ec36708309628d46d64037edf95', NULL, '2026-11-29 23:41:42.524778', '127.0.0.1', NULL, '{"table": {"name": "t1", "dbms": "d1", "create": "CREATE TABLE IF NOT EXISTS t1 (row_id SERIAL PRIMARY KEY, value float)", "id": "1e8f4ec36708309628d46d64037edf95", "date": "2026-11-29T23:41:42.524778Z", "ledger": "global"}}');
INSERT INTO public.ledger VALUES (4, 'device', 'kept-2', NULL, '2026-11-29 23:41:42.603322', '127.0.0.1', NULL, '{"device": {"name": "replaced", "id": "kept-2", "version": 2, "date": "2026-11-29T23:41:42.603322Z"}}');
-- Data for Name: ledger_size; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.ledger_size VALUES (true, 6);
-- Data for Name: policy_history; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.policy_history VALUES (1, '', '', 'outside', '', '', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (2, '2026-11-29T23:41:42.266238Z', 'boot', 'insert', 'master', '63a88b4785cd238fd94e495fe04b7bba', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (3, '2026-11-29T23:41:42.310695Z', 'rest:127.0.0.1', 'insert', 'cluster', 'e3121d4692992976762a6e1035401aea', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (4, '2026-11-29T23:41:42.336322Z', 'rest:127.0.0.1', 'insert', 'device', 'kept-1', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (5, '2026-11-29T23:41:42.360627Z', 'rest:127.0.0.1', 'insert', 'device', 'kept-2', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (6, '2026-11-29T23:41:42.449161Z', 'rest:127.0.0.1', 'insert', 'device', 'kept-3', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (7, '2026-11-29T23:41:42.525141Z', 'rest:127.0.0.1', 'insert', 'table', '1e8f4ec36708309628d46d64037edf95', NULL, NULL, 0);
INSERT INTO public.policy_history VALUES (8, '2026-11-29T23:41:42.603551Z', 'rest:127.0.0.1', 'replace', 'device', 'kept-2', '{"device": {"name": "replaced", "id": "kept-2", "version": 1, "date": "2026-11-29T23:41:42.360334Z", "ledger": "global"}}', '{"device": {"name": "replaced", "id": "kept-2", "version": 2, "date": "2026-11-29T23:41:42.603322Z"}}', 0);
INSERT INTO public.policy_history VALUES (9, '2026-11-29T23:41:42.658437Z', 'rest:127.0.0.1', 'drop', 'device', 'kept-3', '{"device": {"name": "dropped", "id": "kept-3", "date": "2026-11-29T23:41:42.448864Z", "ledger": "global"}}', NULL, 0);
-- Data for Name: policy_history_rows; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.policy_history_rows VALUES ('kept-2', '2026-11-29T23:41:42.603551Z', '127.0.0.1', '2026-11-29T23:41:42.360334');
INSERT INTO public.policy_history_rows VALUES ('kept-3', '2026-11-29T23:41:42.658437Z', '127.0.0.1', '2026-11-29T23:41:42.448864');
-- Name: ledger_sequence_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
SELECT pg_catalog.setval('public.ledger_sequence_id_seq', 6, true);
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
-- Name: ledger ledger_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (sequence_id);
-- Name: ledger_size ledger_size_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.ledger_size
    ADD CONSTRAINT ledger_size_pkey PRIMARY KEY (one);
-- Name: policy_history policy_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.policy_history
    ADD CONSTRAINT policy_history_pkey PRIMARY KEY (version, place);
-- Name: policy_history_rows policy_history_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.policy_history_rows
    ADD CONSTRAINT policy_history_rows_pkey PRIMARY KEY (policy_id, "time");
-- Name: hash_index; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX hash_index ON public.ledger USING btree (policy_id);
-- Name: policy_history_drops; Type: INDEX; Schema: public; Owner: -
CREATE INDEX policy_history_drops ON public.policy_history USING btree ("time") WHERE ((what)::text = 'drop'::text);
-- Name: time_index; Type: INDEX; Schema: public; Owner: -
CREATE INDEX time_index ON public.ledger USING btree (date);
-- Name: ledger ledger_outside; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER ledger_outside BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.ledger FOR EACH STATEMENT WHEN ((current_setting('anylog.master'::text, true) IS NULL)) EXECUTE FUNCTION public.ledger_changed_outside();
-- PostgreSQL database dump complete
