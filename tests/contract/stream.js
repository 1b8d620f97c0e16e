// How a browser follows logins: `EventSource` as everybody has it, which can send no header, with a ticket that works once.
// `cargo xtask contract` runs it against a portal that answers RADIUS itself: node stream.js <portal> <RADIUS port>

import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { EventSource } from "eventsource";

const [base, port] = process.argv.slice(2);
const SECRET = "shared-by-nas-and-server";
const CLOSED = 2;

setTimeout(() => {
  console.error("nothing more was heard");
  process.exit(1);
}, 60_000).unref();

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return (await answer.json()).data;
}

/** Somebody whom nobody knows signs in by PAP, with a Message-Authenticator (RFC 2865, RFC 3579 section 3.2). */
async function signIn(username) {
  const attribute = (code, value) => Buffer.concat([Buffer.from([code, value.length + 2]), value]);
  const authenticator = randomBytes(16);
  const mask = createHash("md5").update(SECRET).update(authenticator).digest();
  const password = Buffer.alloc(16);
  password.write("wrong");
  const attributes = Buffer.concat([
    attribute(1, Buffer.from(username)),
    attribute(2, password.map((byte, index) => byte ^ mask[index])),
    attribute(80, Buffer.alloc(16)),
  ]);
  const head = Buffer.from([1, 7, 0, 20 + attributes.length]);
  const packet = Buffer.concat([head, authenticator, attributes]);
  createHmac("md5", SECRET).update(packet).digest().copy(packet, packet.length - 16);
  const socket = createSocket("udp4");
  const send = () => socket.send(packet, Number(port), "127.0.0.1");
  const again = setInterval(send, 1_000);
  send();
  const [answer] = await once(socket, "message");
  clearInterval(again);
  socket.close();
  assert.equal(answer[0], 3, "an Access-Reject");
}

/** The events of a stream, one after the other. */
class Logins {
  constructor(query) {
    this.source = new EventSource(`${base}/api/v1/admin/radius/auth-log/stream?${new URLSearchParams(query)}`);
    this.heard = [];
    this.source.addEventListener("login", (event) => {
      this.heard.push({ id: event.lastEventId, line: JSON.parse(event.data) });
      this.source.dispatchEvent(new Event("heard"));
    });
    this.opened = once(this.source, "open");
  }

  async next() {
    if (this.heard.length === 0) await once(this.source, "heard");
    return this.heard.shift();
  }
}

const credentials = { login: "admin@demo.test", password: "password" };
const { access_token: token } = await post("/api/v1/auth/login", credentials);
const nas = { name: "hall", address: "127.0.0.1", secret: SECRET };
await post("/api/v1/admin/radius/nas-clients", nas, token);
const ticket = async () => (await post("/api/v1/auth/stream-tickets", {}, token)).ticket;

const query = { ticket: await ticket(), status: "rejected" };
await signIn("before");
const first = new Logins(query);
await first.opened;
await signIn("first");
const { id, line } = await first.next();
assert.equal(line.username, "first", "what was answered before a stream was opened is not told");
assert.deepEqual([line.status, line.reason], ["rejected", "unknown_user"]);

const used = new EventSource(first.source.url);
const [error] = await once(used, "error");
assert.deepEqual([error.code, used.readyState], [401, CLOSED], "a ticket works once");

first.source.close();
await signIn("meanwhile");
const second = new Logins({ ticket: await ticket(), last_event_id: id });
assert.equal((await second.next()).line.username, "meanwhile", "it goes on behind the last id");
await signIn("afterwards");
const last = await second.next();
assert.deepEqual([last.line.username, Number(last.id) > Number(id)], ["afterwards", true]);
second.source.close();
