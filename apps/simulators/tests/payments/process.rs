//! The program itself: it calls back without being told to, and a killed one does so after its restart.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use outbound::{HttpClient, HttpSettings, Request};
use serde_json::{Value, json};

use crate::stage::{Merchant, reference};

/// The program on a free port, killed when it is dropped.
struct Program {
    child: Child,
    url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(world: &Path, callback_url: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulators"));
        command.args(["payments", "--addr", "127.0.0.1:0", "--world"]).arg(world);
        if let Some(url) = callback_url {
            command.args(["--callback-url", url]);
        }
        let mut child = command.env("RUST_LOG", "info").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let listening = lines.find(|line| line.contains("are listening")).unwrap();
        // The rest is read and thrown away, else a full pipe would stop the program.
        std::thread::spawn(move || lines.count());
        let url = listening.split('"').find(|part| part.starts_with("http://")).unwrap().to_owned();
        Self { child, url }
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let client = HttpClient::new(HttpSettings::default()).unwrap();
        let request = Request::post(format!("{}{path}", self.url), body);
        let reply = client.send(request.header("authorization", &format!("Bearer {token}"))).await.unwrap();
        reply.json().unwrap()
    }
}

#[tokio::test]
async fn a_killed_simulator_calls_back_after_its_restart() {
    let world = tempfile::tempdir().unwrap();
    let (merchant, merchant_url) = Merchant::start().await;
    let program = Program::start(world.path(), None);
    let login = json!({ "email": "e", "password": "p" });
    let token = program.post("/merchant/get-token", "", &login).await["access_token"].clone();
    let body = json!({
        "api_id": "1", "api_password": "p", "merchantCode": "m", "merchant_pin": "1234",
        "clientPhone": "243812340000", "amount": 1000, "currency": "CDF", "telecom": "MP",
        "reference": reference(1), "message": reference(1),
    });
    let accepted = program.post("/merchant/payment-merchant", token.as_str().unwrap(), &body).await;
    drop(program);
    let _program = Program::start(world.path(), Some(&merchant_url));
    let called_back = merchant.next().await.json();
    assert_eq!(called_back["payment"]["sessionId"], accepted["payment"]["sessionId"]);
    assert_eq!(called_back["message"], json!(reference(1)));
}
