//! What the figures were measured on. Nothing that names the machine or its owner.

use std::{fs, process::Command, thread};

/// The machine as it is now, and the compiler, in one line.
pub(crate) fn description() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown CPU".to_owned());
    let memory = match field("/proc/meminfo", "MemTotal").and_then(|text| kibibytes(&text)) {
        Some(kibibytes) => format!("{} GiB of memory", (kibibytes + (1 << 19)) >> 20),
        None => "unknown memory".to_owned(),
    };
    let kernel = output("uname", &["-srm"]);
    let others = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let others = others.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("not known");
    let rustc = output("rustc", &["--version"]);
    format!("{cores} cores ({model}), {memory}, {kernel}; load average at the start {others}; {rustc}")
}

/// The most memory that a process has held, in KiB, where the system tells.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    kibibytes(&field(&format!("/proc/{process}/status"), "VmHWM")?)
}

/// How long this process's threads have been on a core, in nanoseconds, where the system tells.
pub(crate) fn time_on_cores() -> Option<u64> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let time = |thread: fs::DirEntry| -> Option<u64> {
        fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.map(|thread| thread.ok().and_then(time)).sum()
}

/// The value of the first line `name: value` in a file of /proc.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix(" kB")?.trim().parse().ok()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| format!("no {program}"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
