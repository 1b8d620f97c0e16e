//! A real FreeRADIUS in a folder of its own: the configuration that is shipped, with what differs from site to site.

use std::{fs, io, path::Path};

/// Copies a configuration into a new folder, and sets the values that its `portal.conf` has by these names.
///
/// # Errors
/// When a file cannot be read or written, or `portal.conf` says nothing of a name.
pub fn lay_out(shipped: &Path, raddb: &Path, values: &[(&str, String)]) -> io::Result<()> {
    copy(shipped, raddb)?;
    let path = raddb.join("portal.conf");
    let mut text = fs::read_to_string(&path)?;
    for (name, value) in values {
        let is_it = |line: &&str| line.split_once(" = ").is_some_and(|(left, _)| left == *name);
        if !text.lines().any(|line| is_it(&line)) {
            return Err(io::Error::other(format!("portal.conf says nothing of {name}")));
        }
        let set = |line: &str| if is_it(&line) { format!("{name} = {value}\n") } else { format!("{line}\n") };
        text = text.lines().map(set).collect();
    }
    fs::write(path, text)
}

/// Copies a folder. The files are new ones, writable whatever the originals are.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::write(target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
