//! Somebody who has to know that a message may leave before it does.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use crate::error::Result;

/// Knows of every attempt of a message: a journal.
pub(crate) trait Witness: Debug + Send + Sync {
    /// The tracker for a message that was given none.
    fn tracker(&self) -> Option<String>;

    /// Returns when it is on record that the message may have left. Where it fails, the message does not leave.
    fn before_attempt(&self) -> BoxFuture<'_, Result<()>>;

    /// An attempt came to nothing, for certain, and the message waits for another one.
    fn attempt_came_to_nothing(&self);
}
