//! What a campaign is called.

use std::path::Path;

use super::sqlite::SqliteJournal;
use crate::error::{Error, Result};

/// The longest name, in characters.
pub(super) const LONGEST: usize = 100;

/// The campaign of a file that is meant where no name is given. One that has others was perhaps called otherwise when its
/// campaign was begun, which would then be begun anew: everybody would get a second message. Nothing tells whether that one's
/// name was given to it.
pub(super) fn unnamed(file: &SqliteJournal) -> Result<String> {
    let name = default_name(file.path());
    let campaigns = if file.path().exists() { file.campaigns()? } else { Vec::new() };
    if campaigns.is_empty() || campaigns.contains(&name) {
        return Ok(name);
    }
    let problem = format!(
        "must be given: {} has campaigns with names ({}), and none is called {name}, as the file is. Say which of them this is, so \
         that nobody gets a second message, or give a new one a name of its own",
        file.place(),
        campaigns.join(", ")
    );
    Err(Error::config("campaign", problem))
}

/// The campaign of a file that holds one: the file's name without its ending.
fn default_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().chars().take(LONGEST).collect::<String>());
    stem.filter(|stem| !stem.is_empty()).unwrap_or_else(|| "campaign".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_campaign() {
        let long = format!("{}.db", "x".repeat(200));
        let cases = [("a/spring.db", "spring"), ("spring", "spring"), ("2026.11.db", "2026.11"), ("..", "campaign")];
        for (path, name) in cases {
            assert_eq!(default_name(Path::new(path)), name);
        }
        assert_eq!(default_name(Path::new(&long)).chars().count(), LONGEST);
    }
}
