//! Writes the typed classes of the language packages, and the pages about errors, messages and settings, from core's manifest.
//!
//! ```text
//! wacloud-codegen                 writes what has changed
//! wacloud-codegen --check         writes nothing; names the files that differ and fails
//! wacloud-codegen --manifest PATH writes the manifest itself as JSON, for the parity tests
//! ```

mod by_hand;
mod docs;
mod error_table;
mod example;
mod layout;
mod messages_page;
mod model;
mod naming;
mod node;
mod output;
mod php;
mod python;
mod schema;
mod settings_page;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use model::Model;

/// What the command line asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Arguments {
    check: bool,
    /// Where to write the manifest instead of any class.
    manifest: Option<PathBuf>,
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let mut path = || words.next().map(PathBuf::from).ok_or(format!("{word} needs a path"));
        match word.as_str() {
            "--check" => arguments.check = true,
            "--manifest" => arguments.manifest = Some(path()?),
            _ => return Err(format!("unknown argument {word}")),
        }
    }
    Ok(arguments)
}

/// Whether everything is as it should be.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let manifest = wacloud::registry::manifest();
    if let Some(path) = &arguments.manifest {
        output::write_if_changed(path, &(serde_json::to_string_pretty(&manifest)? + "\n"))?;
        return Ok(true);
    }
    let model = Model::parse(&manifest)?;
    // The crate knows where it lies; where it is called from does not matter.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut up_to_date = true;
    for (folder, emit) in
        [(python::FOLDER, python::emit as fn(&Model) -> _), (node::FOLDER, node::emit), (php::FOLDER, php::emit)]
    {
        let differences = output::compare(&root.join(folder), &emit(&model))?;
        for difference in &differences {
            output::tell(&format!("{} {folder}/{}", difference.kind, difference.path));
        }
        if arguments.check {
            up_to_date &= differences.is_empty();
        } else {
            output::apply(&root.join(folder), &differences)?;
        }
    }
    let [messages, calls] = messages_page::emit(&model);
    for page in [error_table::emit(&manifest), messages, calls, settings_page::emit(&manifest, &model)] {
        if !output::differs(&root, &page)? {
            continue;
        }
        output::tell(&format!("changed {}", page.path));
        if arguments.check {
            up_to_date = false;
        } else {
            output::write_if_changed(&root.join(&page.path), &page.text)?;
        }
    }
    Ok(up_to_date)
}

fn main() -> ExitCode {
    let outcome = parse(std::env::args().skip(1)).map_err(Into::into).and_then(|arguments| run(&arguments));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            output::tell("generated files are out of date: run `make codegen`");
            ExitCode::FAILURE
        }
        Err(error) => {
            output::tell(&format!("wacloud-codegen: {error}"));
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Arguments, String> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn reads_the_command_line() {
        assert_eq!(words(""), Ok(Arguments::default()));
        assert!(words("--check").unwrap().check);
        assert_eq!(words("--manifest a.json").unwrap().manifest, Some("a.json".into()));
        assert!(words("--manifest").is_err());
        assert!(words("--chekc").is_err());
    }
}
