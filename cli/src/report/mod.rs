//! `wacloud report JOURNAL`: what a campaign came to.

mod chart;
pub(crate) mod data;
mod html;
mod table;
#[cfg(test)]
mod tests;
