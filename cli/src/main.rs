//! The `wacloud` command.
fn main() {}
