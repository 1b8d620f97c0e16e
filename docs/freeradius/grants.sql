-- The account by which FreeRADIUS uses the portal's database, with the rights that it needs and no others. Run it once
-- in the portal's database, as the account that owns it, after `portal migrate up`:
--   psql "$DATABASE_URL" -v password="'a long random one'" -f grants.sql
-- It sees no table of the portal's own: no accounts, no orders, no money.

CREATE ROLE radius LOGIN PASSWORD :password;

-- Who may sign in, with which limits, through which routers.
GRANT SELECT ON radcheck, radreply, radgroupcheck, radgroupreply, radusergroup, nas TO radius;
-- What sessions use. The trigger on radacct acts for the owner: radacct_observations needs no right.
GRANT SELECT, INSERT, UPDATE ON radacct TO radius;
GRANT USAGE ON SEQUENCE radacct_radacctid_seq TO radius;
-- The log of logins can be written, but neither read nor changed.
GRANT INSERT ON radpostauth TO radius;
GRANT USAGE ON SEQUENCE radpostauth_id_seq TO radius;
