//! The Node package's classes.

use crate::model::Model;
use crate::output::{BANNER, GeneratedFile};

/// Where they lie; nothing else lies there.
pub(crate) const FOLDER: &str = "node/src/generated";

/// All files of that folder.
pub(crate) fn emit(model: &Model) -> Vec<GeneratedFile> {
    let version = &model.version;
    let text = format!("// {BANNER}\n\nexport const VERSION = {version:?}\n");
    vec![GeneratedFile::new("version.ts", text)]
}
