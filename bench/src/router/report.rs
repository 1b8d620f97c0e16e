//! The report on routers, as Markdown: first the figures, then how they came about and what they are worth.

use kernel::Ambient;

use super::{
    CLIENTS, Client, Order, Provisioning, READINGS, REPEATS, Reading, SESSIONS, Sync, USERS,
    sync::{LOOK, LOST},
};
use crate::figures::{per_second, ratio};

/// What the portal as a whole has shown.
pub(super) struct OfPortal {
    pub(super) orders: Vec<Order>,
    pub(super) syncs: Vec<Sync>,
}

/// What users onto routers, routers that are read, and large orders have shown.
pub(super) fn of_routers(
    machine: &str,
    provisionings: &[Provisioning],
    readings: &[Reading],
    portal: &OfPortal,
) -> String {
    let (head, look) = (head(machine), LOOK.as_millis());
    let provisioned = provisioned(provisionings);
    let read: String =
        readings.chunks(2).flat_map(|pair| pair.iter().map(|row| reading(row, pair))).collect();
    let ordered: String = portal.orders.iter().map(order).collect();
    let synced: String = portal.syncs.iter().map(sync).collect();
    let users = portal.syncs.first().map_or(0, |sync| sync.users);
    format!(
        "{head}
## Users onto routers

| routers | a command takes | client | units at once | users | users per second (slowest to fastest) | against the plain client | core time per user | peak memory (logged in) |
|--:|--:|---|--:|--:|--:|--:|--:|--:|
{provisioned}
**The adapter** is the portal's own, with its default settings: each unit is `converge`d, which looks for the name and
adds the user, by as many workers as there are units at once, over one connection per router on which at most 8 commands
are in flight. The units go to the routers in turn.

**The plain client** is the reference, measured in turn with the adapter: a program of a hundred lines in `bench/` that
blocks, logs in, looks for the name, adds the user, one after the other, over one connection per router. It does not
encrypt, check, bound, time or repeat anything. Both send two commands per user and one or two for the users' profile;
both are logged in before the clock starts.

**A command takes** what the simulated router is told to wait before it does it: 0 ms shows the work of both sides on
this machine's cores, where the router, a process of its own, needs its share of the same cores; 10 ms stands for a
router behind a network. Commands on one connection wait side by side, as they do on the way to a router; how many a real
router works on at once is not in these figures. Each line is the median of {REPEATS} runs against new routers, and in
brackets all of them; the number of users on the routers is checked after each run.

## Reading a router with {USERS} users and {SESSIONS} sessions

| what | client | time (longest) | against the plain client | core time | peak memory (logged in) |
|---|---|--:|--:|--:|--:|
{read}
The time is the median of {READINGS} readings by one process, from the command to the last row. The plain client keeps
each row as the words that came; the adapter makes of it what the portal works with, and for sessions asks beforehand for
live limits that have outlived theirs. The router makes the rows while it is asked, so that most of the time may be its
own: the plain client's time is the most that this can be.

## A large order, through the whole portal

| database | units | payment to the last credentials | plain commits per second | a unit takes as long as | the plain client puts as many users there in | peak memory of the portal (before the order) |
|---|--:|--:|--:|--:|--:|--:|
{ordered}
The release build with its default settings on a new database that waits for its disk, the fake gateway and the fake
phone, and one simulated router that takes 0 ms. In between are every event and job, the audit log, and a message per
order. Plain commits are those of [whole sales](sell.md), from one connection, before and after the order. The plain
client's time is what the router and the network need of it at least; it writes nothing down.

## A router with {users} of our users, through the whole portal

| database | {SESSIONS} sessions are taken in | {LOST} lost users are back | peak memory of the portal (before both) |
|---|--:|--:|--:|
{synced}
The portal has sold all users itself, in orders as above; none of that is in the times. **Sessions**: {SESSIONS} users
sign in, `portal hotspot sync-sessions` is run, and it is done when the API tells of all sessions. **Users**: {LOST}
others are taken off the router behind the portal's back, `portal hotspot sync-users` is run, and it is done when the
router has all users again. Both times begin before the command, a process of its own that asks the running portal's
worker, and end when somebody who looks every {look} ms sees it. A worker looks every half second for
what another process has asked.

## What core time and memory mean

Core time is how long the threads of the client's process were on a core, without what the router and others on this
machine took: of all figures here the least disturbed by what else ran.

The most resident memory that the process has had (`VmHWM`), in brackets when it had logged in and done nothing yet. The
adapter and the plain client are the same program, so that what both have is the program itself.
"
    )
}

/// The plain client is the first of its group.
fn provisioned(provisionings: &[Provisioning]) -> String {
    let groups = provisionings.chunks(CLIENTS.len());
    groups.flat_map(|group| group.iter().map(|row| users(row, group))).collect()
}

fn head(machine: &str) -> String {
    let date = Ambient::system().now().format("%Y-%m-%d");
    format!("# Hotspot users on routers\n\nWritten by `cargo xtask bench router` on {date}. {machine}.\n")
}

fn users(row: &Provisioning, group: &[Provisioning]) -> String {
    let Provisioning { routers, distance, users, client, rate, range: [slowest, fastest], .. } = row;
    let at_once = match client {
        Client::Plain => 1,
        Client::Adapter { at_once } => *at_once,
    };
    let against = group.first().map_or(f64::NAN, |plain| ratio(*rate, plain.rate));
    format!(
        "| {routers} | {distance} ms | {} | {at_once} | {users} | {rate:.0} ({slowest:.0} to {fastest:.0}) \
         | {against:.2} × | {} | {} |\n",
        name(*client),
        row.on_cores.map_or_else(unknown, |seconds| format!("{:.0} µs", ratio(seconds, 0.000_001))),
        memory(row.memory)
    )
}

fn reading(row: &Reading, pair: &[Reading]) -> String {
    let Reading { what, client, seconds: [middle, longest], .. } = row;
    let against = pair.first().map_or(f64::NAN, |plain| ratio(*middle, plain.seconds[0]));
    format!(
        "| {what} | {} | {} ({}) | {against:.2} × the time | {} | {} |\n",
        name(*client),
        milliseconds(*middle),
        milliseconds(*longest),
        row.on_cores.map_or_else(unknown, milliseconds),
        memory(row.memory)
    )
}

fn order(row: &Order) -> String {
    let Order { database, units, took, plainly, commits_per_second, .. } = row;
    let commits = ratio(*commits_per_second, per_second(*units, *took));
    format!(
        "| {database} | {units} | {} | {commits_per_second:.0} | {commits:.0} commits | {} | {} |\n",
        milliseconds(took.as_secs_f64()),
        milliseconds(plainly.as_secs_f64()),
        memory(row.memory)
    )
}

fn sync(row: &Sync) -> String {
    let [sessions, back] = [row.sessions, row.back].map(|time| milliseconds(time.as_secs_f64()));
    format!("| {} | {sessions} | {back} | {} |\n", row.database, memory(row.memory))
}

const fn name(client: Client) -> &'static str {
    match client {
        Client::Plain => "plain",
        Client::Adapter { .. } => "adapter",
    }
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", ratio(seconds, 0.001))
}

fn unknown() -> String {
    "not known".to_owned()
}

/// The most memory, and in brackets the most before.
fn memory([before, peak]: [Option<u64>; 2]) -> String {
    match (before, peak) {
        (Some(before), Some(peak)) => format!("{} MiB ({})", peak >> 10, before >> 10),
        _ => unknown(),
    }
}
