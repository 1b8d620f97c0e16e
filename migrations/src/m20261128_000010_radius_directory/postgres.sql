-- FreeRADIUS 3.2 on PostgreSQL (raddb/mods-config/sql/main/postgresql/schema.sql), with what is ours marked.

CREATE TABLE radacct (
    radacctid bigserial PRIMARY KEY,
    acctsessionid text NOT NULL,
    acctuniqueid text NOT NULL UNIQUE,
    username text,
    realm text,
    nasipaddress inet NOT NULL,
    nasportid text,
    nasporttype text,
    acctstarttime timestamptz,
    acctupdatetime timestamptz,
    acctstoptime timestamptz,
    acctinterval bigint,
    acctsessiontime bigint,
    acctauthentic text,
    connectinfo_start text,
    connectinfo_stop text,
    acctinputoctets bigint,
    acctoutputoctets bigint,
    calledstationid text,
    callingstationid text,
    acctterminatecause text,
    servicetype text,
    framedprotocol text,
    framedipaddress inet,
    framedipv6address inet,
    framedipv6prefix inet,
    framedinterfaceid text,
    delegatedipv6prefix inet,
    class text
);
CREATE INDEX radacct_active_session_idx ON radacct (acctuniqueid) WHERE acctstoptime IS NULL;
CREATE INDEX radacct_bulk_close ON radacct (nasipaddress, acctstarttime) WHERE acctstoptime IS NULL;
CREATE INDEX radacct_start_user_idx ON radacct (acctstarttime, username);
CREATE INDEX radacct_class_idx ON radacct (class);
-- Ours. Without them, what one user has open or has used is looked for in all of the table, at each login.
CREATE INDEX radacct_username_open ON radacct (username) WHERE acctstoptime IS NULL;
CREATE INDEX radacct_username_start ON radacct (username, acctstarttime);

CREATE TABLE radcheck (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radcheck_username ON radcheck (username, attribute);

CREATE TABLE radgroupcheck (
    id serial PRIMARY KEY,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radgroupcheck_groupname ON radgroupcheck (groupname, attribute);

CREATE TABLE radgroupreply (
    id serial PRIMARY KEY,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radgroupreply_groupname ON radgroupreply (groupname, attribute);

CREATE TABLE radreply (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radreply_username ON radreply (username, attribute);

CREATE TABLE radusergroup (
    id serial PRIMARY KEY,
    username text NOT NULL DEFAULT '',
    groupname text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0
);
CREATE INDEX radusergroup_username ON radusergroup (username);

CREATE TABLE radpostauth (
    id bigserial PRIMARY KEY,
    username text NOT NULL,
    pass text,
    reply text,
    calledstationid text,
    callingstationid text,
    authdate timestamptz NOT NULL DEFAULT now(),
    class text,
    -- Ours: which NAS asked, for which address, and why the answer was no.
    nasipaddress text,
    framedipaddress text,
    reason text
);
CREATE INDEX radpostauth_username_idx ON radpostauth (username);
CREATE INDEX radpostauth_class_idx ON radpostauth (class);
-- Ours, for the log from its end backwards.
CREATE INDEX radpostauth_authdate ON radpostauth (authdate, id);

CREATE TABLE nas (
    id serial PRIMARY KEY,
    nasname text NOT NULL,
    shortname text NOT NULL,
    type text NOT NULL DEFAULT 'other',
    ports integer,
    secret text NOT NULL,
    server text,
    community text,
    description text
);
CREATE INDEX nas_nasname ON nas (nasname);

CREATE TABLE nasreload (
    nasipaddress inet PRIMARY KEY,
    reloadtime timestamptz NOT NULL
);

-- A server with stock queries writes down every password that is tried. Here none stays, and the word that stands in
-- its place tells of such a server.
CREATE FUNCTION radpostauth_withhold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pass := 'withheld';
    RETURN NEW;
END
$$;
CREATE TRIGGER radpostauth_withhold BEFORE INSERT OR UPDATE ON radpostauth
    FOR EACH ROW WHEN (NEW.pass <> '' AND NEW.pass <> 'withheld')
    EXECUTE FUNCTION radpostauth_withhold();

-- Every state that an accounting row has had, until it has been counted: a row that is written twice between two looks
-- at the table would show its last state only, and counters that began anew in between would be lost.
CREATE TABLE radacct_observations (
    id bigserial PRIMARY KEY,
    acctuniqueid text NOT NULL,
    acctsessionid text NOT NULL,
    class text,
    username text,
    nasipaddress text NOT NULL,
    nasportid text,
    callingstationid text,
    framedipaddress text,
    acctstarttime timestamptz,
    acctupdatetime timestamptz,
    acctstoptime timestamptz,
    acctsessiontime bigint,
    acctinputoctets bigint,
    acctoutputoctets bigint,
    acctterminatecause text,
    -- When the row was written. Elsewhere only the portal's own clock counts; here FreeRADIUS writes, and the times in
    -- its rows are those that a NAS claims, so the database's clock is the one to hold them against.
    observed_at timestamptz NOT NULL
);

-- FreeRADIUS has no right to this table: the function acts for the owner, and therefore says which schema it means.
DO $outer$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION radacct_observed() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            INSERT INTO %I.radacct_observations (
                acctuniqueid, acctsessionid, class, username, nasipaddress, nasportid, callingstationid,
                framedipaddress, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime,
                acctinputoctets, acctoutputoctets, acctterminatecause, observed_at
            ) VALUES (
                NEW.acctuniqueid, NEW.acctsessionid, NEW.class, NEW.username, host(NEW.nasipaddress),
                NEW.nasportid, NEW.callingstationid, host(NEW.framedipaddress), NEW.acctstarttime,
                NEW.acctupdatetime, NEW.acctstoptime, NEW.acctsessiontime, NEW.acctinputoctets,
                NEW.acctoutputoctets, NEW.acctterminatecause, clock_timestamp()
            );
            -- One of many at a time: commits that notify wait for each other, which halves how many there can be. Who is
            -- not told now is told of the next, or looks by itself soon. (The number is ours for this purpose alone.)
            IF pg_try_advisory_xact_lock(7263114906) THEN
                PERFORM pg_notify('radacct', '');
            END IF;
            RETURN NULL;
        END
        $body$
    $create$, current_schema());
END
$outer$;
CREATE TRIGGER radacct_observed AFTER INSERT OR UPDATE ON radacct
    FOR EACH ROW EXECUTE FUNCTION radacct_observed();
