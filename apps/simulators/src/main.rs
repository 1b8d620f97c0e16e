//! The command line of the simulators.

fn main() {}
