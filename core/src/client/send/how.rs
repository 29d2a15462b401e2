//! What a call is told beside its arguments, by whoever makes it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::client::lines::Lines;
use crate::client::settings::CallOptions;
use crate::client::stop::Stop;
use crate::client::witness::Witness;

/// How a call is made, beside its arguments.
#[derive(Debug, Clone, Default)]
pub struct How {
    pub(crate) options: CallOptions,
    /// In a bulk, messages wait for the pace as long as it takes.
    pub(crate) waits_for_ever: bool,
    /// Ends the call at once, whatever it does.
    pub(crate) cancel: CancellationToken,
    /// Ends the call if nothing of it is on its way.
    pub(crate) stop: Stop,
    /// Who goes at once, where no pace keeps them few.
    pub(crate) lines: Option<Lines>,
    /// Who has to know of each attempt before it is made.
    pub(crate) witness: Option<Arc<dyn Witness>>,
}

impl How {
    /// The same for one more request of the same call, which no journal has to know of.
    pub(crate) fn again(&self) -> Self {
        let How { options, waits_for_ever, cancel, stop, lines, witness: _ } = self;
        How {
            options: *options,
            waits_for_ever: *waits_for_ever,
            cancel: cancel.clone(),
            stop: stop.clone(),
            lines: lines.clone(),
            witness: None,
        }
    }
}
