//! The PHP package's classes.

use crate::model::Model;
use crate::output::{BANNER, GeneratedFile};

/// Where they lie; nothing else lies there.
pub(crate) const FOLDER: &str = "php/src/Generated";

/// All files of that folder.
pub(crate) fn emit(model: &Model) -> Vec<GeneratedFile> {
    let version = &model.version;
    let text = format!(
        "<?php\n\n// {BANNER}\n\ndeclare(strict_types=1);\n\nnamespace WaCloud\\Generated;\n\nfinal class Version\n{{\n    public const VERSION = {version:?};\n}}\n"
    );
    vec![GeneratedFile::new("Version.php", text)]
}
