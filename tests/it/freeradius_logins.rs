//! What FreeRADIUS does at a login beyond the table of cases: what changes between two logins, and who may ask.

use crate::{
    freeradius::{FreeRadius, SECRET},
    radius_wire::{Method, NAS, RadiusServer},
};

/// Puts somebody into the directory with the password `secret`, two devices and a rate.
async fn stand(radius: &FreeRadius, username: &str) {
    let sql = format!(
        "INSERT INTO radcheck (username, attribute, op, value) VALUES ('{username}', 'Cleartext-Password', ':=', 'secret'); \
         INSERT INTO radusergroup (username, groupname) VALUES ('{username}', 'ap-1-v1'); \
         INSERT INTO radgroupcheck (groupname, attribute, op, value) VALUES ('ap-1-v1', 'Simultaneous-Use', ':=', '2'); \
         INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES \
         ('ap-1-v1', 'Session-Timeout', ':=', '3600'), ('ap-1-v1', 'Mikrotik-Rate-Limit', ':=', '512k/2048k')"
    );
    radius.database.execute(&sql).await;
}

fn rate(server: &RadiusServer, username: &str) -> String {
    let answer = server.sign_in(Method::Chap, username, "secret").unwrap();
    answer.attributes["Mikrotik-Rate-Limit"].join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_access_shortens_the_session() {
    let Some(radius) = FreeRadius::start().await else { return };
    stand(&radius, "soon").await;
    let expiry = "INSERT INTO radcheck (username, attribute, op, value) \
        SELECT 'soon', 'Expiration', ':=', (floor(extract(epoch FROM now()))::bigint + 1800)::text";
    radius.database.execute(expiry).await;
    let answer = radius.server.sign_in(Method::Chap, "soon", "secret").unwrap();
    let timeout: u32 = answer.attributes["Session-Timeout"][0].parse().unwrap();
    assert!((1..=1800).contains(&timeout), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_login_has_a_class_of_its_own() {
    let Some(radius) = FreeRadius::start().await else { return };
    stand(&radius, "often").await;
    radius.server.sign_in_often(10, "often", "secret").unwrap();
    let classes = "SELECT count(DISTINCT class) || ' of ' || count(*) FROM radpostauth";
    assert_eq!(radius.database.texts(classes).await, ["10 of 10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_counts_from_the_next_login_on() {
    let Some(radius) = FreeRadius::start().await else { return };
    stand(&radius, "mover").await;
    assert_eq!(rate(&radius.server, "mover"), "512k/2048k");
    let next = "BEGIN; DELETE FROM radusergroup WHERE username = 'mover'; \
        INSERT INTO radgroupreply (groupname, attribute, op, value) \
        VALUES ('ap-1-v2', 'Mikrotik-Rate-Limit', ':=', '64k/128k'); \
        INSERT INTO radusergroup (username, groupname) VALUES ('mover', 'ap-1-v2'); COMMIT";
    radius.database.execute(next).await;
    assert_eq!(rate(&radius.server, "mover"), "64k/128k");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_back_does_not_stand_in_its_own_way() {
    let Some(radius) = FreeRadius::start().await else { return };
    stand(&radius, "back").await;
    let own = "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, callingstationid) \
        SELECT 'o' || number, 'o' || number, 'back', '10.20.0.1', now(), '02-00-5e-00-53-01' \
        FROM generate_series(1, 3) number";
    radius.database.execute(own).await;
    assert_eq!(rate(&radius.server, "back"), "512k/2048k");
    for (device, code) in [("o1", "Access-Accept"), ("o2", "Access-Reject")] {
        let other = format!(
            "UPDATE radacct SET callingstationid = 'device {device}' WHERE acctsessionid = '{device}'"
        );
        radius.database.execute(&other).await;
        assert_eq!(radius.server.sign_in(Method::Pap, "back", "secret").unwrap().code, code, "{device}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_proves_nothing_is_not_answered() {
    let Some(radius) = FreeRadius::start().await else { return };
    let attributes = [("User-Name", "unsigned"), ("User-Password", "x"), ("NAS-IP-Address", NAS)];
    assert_eq!(radius.server.ask(&attributes), None);
    let signed = [&attributes[..], &[("Message-Authenticator", "0x00")]].concat();
    assert_eq!(radius.server.ask(&signed).unwrap().code, "Access-Reject");
    let stranger = RadiusServer { secret: format!("not {SECRET}"), ..radius.server.clone() };
    assert_eq!(stranger.ask(&signed), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_router_is_known_without_a_restart() {
    let Some(radius) = FreeRadius::start().await else { return };
    radius.database.execute("DELETE FROM nas").await;
    let signed = [("User-Name", "who"), ("User-Password", "x"), ("Message-Authenticator", "0x00")];
    assert_eq!(radius.server.ask(&signed), None);
    let known = format!(
        "INSERT INTO nas (nasname, shortname, secret, community) VALUES ('127.0.0.1', 'old', '{SECRET}', 'unsigned')"
    );
    radius.database.execute(&known).await;
    // It is asked for at most once a second; the first requests after that are answered.
    let unsigned = &signed[..2];
    let answer = (0..20).find_map(|_| radius.server.ask(unsigned));
    assert_eq!(answer.unwrap().code, "Access-Reject");
}
