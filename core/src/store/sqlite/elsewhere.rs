//! What `hold.rs` does where SQLite's locks belong to the open file, as on Windows: nothing has to be done there, and what is
//! open can be neither moved nor removed.

use std::path::Path;

/// Nothing stands for an identity.
#[derive(PartialEq, Eq)]
pub(super) struct Identity;

impl Identity {
    pub(super) fn at(_: &Path) -> Option<Self> {
        Some(Identity)
    }
}

pub(super) struct Hold;

impl Hold {
    pub(super) fn begin(_: &Path, _: impl Fn() -> Result<(), String>) -> Result<Self, String> {
        Ok(Hold)
    }

    pub(super) fn take_shared_memory(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn closing(&self) -> Closing {
        Closing
    }

    pub(super) fn has_other_names(&self) -> bool {
        false
    }

    pub(super) fn is_at(&self, _: &Path) -> bool {
        true
    }

    pub(super) fn set_busy(&mut self, _: bool) -> Result<(), String> {
        Ok(())
    }
}

pub(super) struct Closing;
