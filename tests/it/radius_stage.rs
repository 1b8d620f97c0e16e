//! A simulated NAS for a test, and what stands between it and our tables: it lets everybody in, and writes accounting
//! into `radacct` as FreeRADIUS does. The test's clock begins at the database's time, by which that writes.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use kernel::{Clock as _, testing::Surroundings};
use radius_tokio::{Code, PacketBuffer, Reply, attributes::first, dict::rfc::attrs};
use serde_json::{Value, json};
use simulators::nas::{Identity, NasSimulator, Options};
use tokio::{net::UdpSocket, task::JoinSet};

use crate::app::TestApp;

/// What the NAS and the portal share.
pub const SECRET: &str = "Xq7-lorry-Anchor-42-pebble";

pub struct RadiusStage {
    pub app: TestApp,
    pub nas: NasSimulator,
    pub admin: String,
    reports: Arc<Mutex<Vec<PacketBuffer>>>,
    _server: JoinSet<()>,
}

impl RadiusStage {
    /// A portal that knows one NAS, as `described`; `amina` is online there.
    pub async fn begin(app: TestApp, described: Value) -> Self {
        let behind = Utc::now() - app.around.clock.now();
        app.around.clock.advance(behind);
        let reports: Arc<Mutex<Vec<PacketBuffer>>> = Arc::default();
        let mut server = JoinSet::new();
        let mut ports = Vec::new();
        for code in [Code::ACCESS_ACCEPT, Code::ACCOUNTING_RESPONSE] {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            ports.push(socket.local_addr().unwrap());
            server.spawn(serve(socket, code, reports.clone()));
        }
        let nas = start_nas(&app.around, ports[0], ports[1]).await;
        let admin = app.log_in("admin@demo.test").await;
        let mut client = json!({"name": "hall", "address": "127.0.0.1", "secret": SECRET, "coa_port": nas.coa_addr().port()});
        let fields = described.as_object().cloned().unwrap_or_default();
        client.as_object_mut().unwrap().extend(fields);
        app.post("/api/v1/admin/radius/nas-clients", &admin, client).await.data(201);
        let stage = Self { app, nas, admin, reports, _server: server };
        stage.sign_in("amina").await;
        stage
    }

    /// Somebody signs in, at the next free address.
    pub async fn sign_in(&self, user: &str) {
        let action = format!(
            r#"{{"do":"sign-in","user":"{user}","password":"secret","upload_kbps":80,"download_kbps":800}}"#
        );
        self.nas.act(&action).await.unwrap();
        self.take_in().await;
    }

    /// Lets time pass, with what the NAS reports meanwhile.
    pub async fn pass(&self, time: chrono::Duration) {
        self.app.around.clock.advance(time);
        self.take_in().await;
    }

    /// What the NAS has reported is written down and taken in, and everything done that can be.
    pub async fn take_in(&self) {
        self.nas.settle().await;
        let reports = std::mem::take(&mut *self.reports.lock().unwrap());
        for report in reports {
            self.app.database.execute(&written(&report)).await;
        }
        self.app.composition.background.radius.have_accounting_ingested().await.unwrap();
        self.app.settle().await;
    }

    /// The id of somebody's latest session, as the portal knows it.
    pub async fn session(&self, user: &str) -> String {
        let ids = "SELECT CAST(id AS TEXT) FROM radius_sessions";
        let hexadecimal = "SELECT lower(hex(id)) FROM radius_sessions";
        let query = if self.app.database.url().starts_with("sqlite") { hexadecimal } else { ids };
        let sql = format!("{query} WHERE username = '{}' ORDER BY started_at DESC", user.to_lowercase());
        let id = self.app.database.texts(&sql).await.remove(0);
        uuid::Uuid::parse_str(&id).unwrap().to_string()
    }

    /// Has a session ended by staff.
    pub async fn terminate(&self, session: &str) {
        let path = format!("/api/v1/admin/radius/sessions/{session}/terminate");
        self.app.post(&path, &self.admin, Value::Null).await.data(202);
    }

    /// Ends the test, when whatever was to be looked at later has been.
    pub async fn end(self) {
        for _ in 0..6 {
            self.pass(chrono::Duration::minutes(5)).await;
        }
        self.nas.shut_down().await;
        self.app.end().await;
    }

    /// What is wanted of a session and what was tried.
    pub async fn enforcement(&self, session: &str) -> Value {
        let path = format!("/api/v1/admin/radius/sessions/{session}/attempts");
        self.app.get(&path, &self.admin).await.data(200)
    }
}

async fn start_nas(
    around: &Surroundings,
    server: std::net::SocketAddr,
    accounting: std::net::SocketAddr,
) -> NasSimulator {
    let mut options = Options::asking(server, accounting);
    options.identity =
        Identity { secret: SECRET.to_owned(), interim_seconds: Some(300), ..Identity::default() };
    options.ambient = around.ambient();
    NasSimulator::start(options).await.unwrap()
}

async fn serve(socket: UdpSocket, code: Code, reports: Arc<Mutex<Vec<PacketBuffer>>>) {
    let mut buffer = [0; 4096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        let packet = PacketBuffer::from_bytes(&buffer[..length]).unwrap();
        let header = packet.header();
        if header.code == Code::ACCOUNTING_REQUEST {
            reports.lock().unwrap().push(packet);
        }
        let reply = Reply::new(code, header.identifier);
        let answer = reply.seal_for(&header.authenticator, SECRET.as_bytes());
        socket.send_to(answer.as_bytes(), from).await.unwrap();
    }
}

/// What FreeRADIUS's queries make of a report.
fn written(report: &PacketBuffer) -> String {
    let all = report.attributes();
    let text = |attribute| first(all, attribute).unwrap_or_default();
    let number = |attribute| first(all, attribute).unwrap_or_default();
    let (user, id) = (text(attrs::USER_NAME).to_lowercase(), text(attrs::ACCT_SESSION_ID));
    let at = DateTime::<Utc>::from_timestamp(number(attrs::EVENT_TIMESTAMP).into(), 0).unwrap();
    let at = at.format("%Y-%m-%d %H:%M:%S+00:00");
    let (seconds, up, down) = (
        number(attrs::ACCT_SESSION_TIME),
        number(attrs::ACCT_INPUT_OCTETS),
        number(attrs::ACCT_OUTPUT_OCTETS),
    );
    let counted = format!(
        "acctupdatetime = '{at}', acctsessiontime = {seconds}, acctinputoctets = {up}, acctoutputoctets = {down}"
    );
    match number(attrs::ACCT_STATUS_TYPE) {
        1 => {
            let (mac, address) =
                (text(attrs::CALLING_STATION_ID), first(all, attrs::FRAMED_IP_ADDRESS).unwrap());
            format!(
                "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, callingstationid, \
                 framedipaddress, acctstarttime, acctupdatetime, acctsessiontime, acctinputoctets, acctoutputoctets) \
                 VALUES ('{id}', '{user}-{id}', '{user}', '127.0.0.1', '{mac}', '{address}', '{at}', '{at}', 0, 0, 0)"
            )
        }
        2 => format!(
            "UPDATE radacct SET {counted}, acctstoptime = '{at}', acctterminatecause = 'Admin-Reset' \
             WHERE acctuniqueid = '{user}-{id}'"
        ),
        _ => format!("UPDATE radacct SET {counted} WHERE acctuniqueid = '{user}-{id}'"),
    }
}
