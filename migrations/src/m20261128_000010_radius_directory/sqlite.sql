-- The likeness of the tables on PostgreSQL, for the embedded server: the same names, addresses as text.

CREATE TABLE radacct (
    radacctid integer PRIMARY KEY AUTOINCREMENT,
    acctsessionid text NOT NULL,
    acctuniqueid text NOT NULL UNIQUE,
    username text,
    realm text,
    nasipaddress text NOT NULL,
    nasportid text,
    nasporttype text,
    acctstarttime timestamp_with_timezone_text,
    acctupdatetime timestamp_with_timezone_text,
    acctstoptime timestamp_with_timezone_text,
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
    framedipaddress text,
    framedipv6address text,
    framedipv6prefix text,
    framedinterfaceid text,
    delegatedipv6prefix text,
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
    id integer PRIMARY KEY AUTOINCREMENT,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op text NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radcheck_username ON radcheck (username, attribute);

CREATE TABLE radgroupcheck (
    id integer PRIMARY KEY AUTOINCREMENT,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op text NOT NULL DEFAULT '==',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radgroupcheck_groupname ON radgroupcheck (groupname, attribute);

CREATE TABLE radgroupreply (
    id integer PRIMARY KEY AUTOINCREMENT,
    groupname text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op text NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radgroupreply_groupname ON radgroupreply (groupname, attribute);

CREATE TABLE radreply (
    id integer PRIMARY KEY AUTOINCREMENT,
    username text NOT NULL DEFAULT '',
    attribute text NOT NULL DEFAULT '',
    op text NOT NULL DEFAULT '=',
    value text NOT NULL DEFAULT ''
);
CREATE INDEX radreply_username ON radreply (username, attribute);

CREATE TABLE radusergroup (
    id integer PRIMARY KEY AUTOINCREMENT,
    username text NOT NULL DEFAULT '',
    groupname text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0
);
CREATE INDEX radusergroup_username ON radusergroup (username);

CREATE TABLE radpostauth (
    id integer PRIMARY KEY AUTOINCREMENT,
    username text NOT NULL,
    pass text,
    reply text,
    calledstationid text,
    callingstationid text,
    authdate timestamp_with_timezone_text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
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
    id integer PRIMARY KEY AUTOINCREMENT,
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
    nasipaddress text PRIMARY KEY,
    reloadtime timestamp_with_timezone_text NOT NULL
);

-- As on PostgreSQL: no password stays.
CREATE TRIGGER radpostauth_withhold AFTER INSERT ON radpostauth
    WHEN NEW.pass <> '' AND NEW.pass <> 'withheld'
BEGIN
    UPDATE radpostauth SET pass = 'withheld' WHERE id = NEW.id;
END;
CREATE TRIGGER radpostauth_withhold_changed AFTER UPDATE ON radpostauth
    WHEN NEW.pass <> '' AND NEW.pass <> 'withheld'
BEGIN
    UPDATE radpostauth SET pass = 'withheld' WHERE id = NEW.id;
END;

-- As on PostgreSQL: every state that an accounting row has had, until it has been counted.
CREATE TABLE radacct_observations (
    id integer PRIMARY KEY AUTOINCREMENT,
    acctuniqueid text NOT NULL,
    acctsessionid text NOT NULL,
    class text,
    username text,
    nasipaddress text NOT NULL,
    nasportid text,
    callingstationid text,
    framedipaddress text,
    acctstarttime timestamp_with_timezone_text,
    acctupdatetime timestamp_with_timezone_text,
    acctstoptime timestamp_with_timezone_text,
    acctsessiontime bigint,
    acctinputoctets bigint,
    acctoutputoctets bigint,
    acctterminatecause text,
    -- When the row was written, by the database's clock, as on PostgreSQL.
    observed_at timestamp_with_timezone_text NOT NULL
);

CREATE TRIGGER radacct_observed_insert AFTER INSERT ON radacct
BEGIN
    INSERT INTO radacct_observations (
        acctuniqueid, acctsessionid, class, username, nasipaddress, nasportid, callingstationid,
        framedipaddress, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime,
        acctinputoctets, acctoutputoctets, acctterminatecause, observed_at
    ) VALUES (
        NEW.acctuniqueid, NEW.acctsessionid, NEW.class, NEW.username, NEW.nasipaddress, NEW.nasportid,
        NEW.callingstationid, NEW.framedipaddress, NEW.acctstarttime, NEW.acctupdatetime,
        NEW.acctstoptime, NEW.acctsessiontime, NEW.acctinputoctets, NEW.acctoutputoctets,
        NEW.acctterminatecause, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
    );
END;
CREATE TRIGGER radacct_observed_update AFTER UPDATE ON radacct
BEGIN
    INSERT INTO radacct_observations (
        acctuniqueid, acctsessionid, class, username, nasipaddress, nasportid, callingstationid,
        framedipaddress, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime,
        acctinputoctets, acctoutputoctets, acctterminatecause, observed_at
    ) VALUES (
        NEW.acctuniqueid, NEW.acctsessionid, NEW.class, NEW.username, NEW.nasipaddress, NEW.nasportid,
        NEW.callingstationid, NEW.framedipaddress, NEW.acctstarttime, NEW.acctupdatetime,
        NEW.acctstoptime, NEW.acctsessiontime, NEW.acctinputoctets, NEW.acctoutputoctets,
        NEW.acctterminatecause, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
    );
END;
