//! Where the fake gateway, router, phone and mailbox remember what happened to them.
//!
//! An outside system does not forget when our process is killed, and it is one system however many processes
//! talk to it. So a fake keeps its world in a journal file: one JSON entry per line, appended under an
//! exclusive lock of the file, read back by folding the entries into a [`World`]. Every process sees every
//! other's entries before it reads or decides.
//!
//! An entry reaches the operating system before the call returns: it survives `kill -9`, though not a power
//! cut.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};

/// The state of one fake system: what its entries add up to.
pub trait World: Default + Send + 'static {
    /// Something that happened to it.
    type Entry: Serialize + DeserializeOwned;

    /// Takes one entry into account.
    fn apply(&mut self, entry: &Self::Entry);
}

/// The journal of one fake system.
#[derive(Debug)]
pub struct Journal<W> {
    path: PathBuf,
    opened: Mutex<Opened<W>>,
}

#[derive(Debug)]
struct Opened<W> {
    file: File,
    /// How far the world has followed the file, in bytes.
    followed: u64,
    world: W,
}

impl<W: World> Journal<W> {
    /// Opens `<directory>/<name>.jsonl`, making both when they are missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(directory: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let path = directory.join(format!("{name}.jsonl"));
        let file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        Ok(Self { path, opened: Mutex::new(Opened { file, followed: 0, world: W::default() }) })
    }

    /// Where the journal is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at the world as it is now.
    ///
    /// # Errors
    /// Whatever the file system says, or `InvalidData` when a line is not an entry.
    pub fn look<T>(&self, see: impl FnOnce(&W) -> T) -> io::Result<T> {
        self.act(|world| (Vec::new(), see(world)))
    }

    /// Decides what happens next, alone among all processes, and makes it so.
    ///
    /// # Errors
    /// Whatever the file system says, or `InvalidData` when a line is not an entry.
    pub fn act<T>(&self, decide: impl FnOnce(&W) -> (Vec<W::Entry>, T)) -> io::Result<T> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.file.lock()?;
        let outcome = opened.follow().and_then(|()| {
            let (entries, answer) = decide(&opened.world);
            opened.append(&entries)?;
            Ok(answer)
        });
        opened.file.unlock()?;
        outcome
    }
}

impl<W: World> Opened<W> {
    /// Reads what others have written since the last look.
    fn follow(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.followed {
            // Somebody emptied the file: the world begins anew.
            (self.followed, self.world) = (0, W::default());
        }
        self.file.seek(SeekFrom::Start(self.followed))?;
        let mut fresh = Vec::new();
        self.file.read_to_end(&mut fresh)?;
        // A line without its end is the torn write of a process that was killed: it never happened.
        let whole = fresh.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in fresh
            .get(..whole)
            .unwrap_or_default()
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            self.world.apply(&serde_json::from_slice(line)?);
        }
        self.followed += whole as u64;
        if whole < fresh.len() {
            self.file.set_len(self.followed)?;
        }
        Ok(())
    }

    fn append(&mut self, entries: &[W::Entry]) -> io::Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)?;
        self.followed += lines.len() as u64;
        for entry in entries {
            self.world.apply(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use super::{Journal, World};

    #[derive(Default)]
    struct Sum(u64);

    impl World for Sum {
        type Entry = u64;
        fn apply(&mut self, entry: &u64) {
            self.0 += entry;
        }
    }

    #[test]
    fn two_openings_of_one_journal_see_one_world() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (
            Journal::<Sum>::open(directory.path(), "sum").unwrap(),
            Journal::<Sum>::open(directory.path(), "sum").unwrap(),
        );
        one.act(|_| (vec![2, 3], ())).unwrap();
        assert_eq!(other.act(|sum| (vec![sum.0], sum.0)).unwrap(), 5);
        assert_eq!(one.look(|sum| sum.0).unwrap(), 10);
    }

    #[test]
    fn no_decision_is_made_on_an_old_world() {
        let directory = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let journal = Journal::<Sum>::open(directory.path(), "sum").unwrap();
                    for _ in 0..50 {
                        // Adds one only to an even or odd number as it is at that moment: always one.
                        journal.act(|sum| (vec![sum.0 + 1 - sum.0], ())).unwrap();
                    }
                });
            }
        });
        let journal = Journal::<Sum>::open(directory.path(), "sum").unwrap();
        assert_eq!(journal.look(|sum| sum.0).unwrap(), 400);
    }

    #[test]
    fn a_torn_last_line_never_happened() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("sum.jsonl"), "1\n2\n30").unwrap();
        let journal = Journal::<Sum>::open(directory.path(), "sum").unwrap();
        assert_eq!(journal.act(|sum| (vec![4], sum.0)).unwrap(), 3);
        assert_eq!(fs::read_to_string(journal.path()).unwrap(), "1\n2\n4\n");
    }
}
