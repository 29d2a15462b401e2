//! What a template is: its definition as Meta has it, whether such a template may be created, and whether a message fits
//! one. Pure: definitions are fetched and kept elsewhere (`client`).
//!
//! Nothing of a definition is lost: members that this version does not know stay, and so do those that are of another type
//! than they should be.

mod answer;
mod create;
mod definition;
mod fit;
mod open;
pub(crate) mod told;
mod variables;
pub(crate) mod words;

pub use answer::{MessageTemplate, TemplateQuality};
pub use definition::{
    ButtonDefinition, CardDefinition, ComponentDefinition, ComponentExample, NamedExample, OfferDefinition,
    SupportedApp, TemplateDefinition,
};
pub use fit::{Family, Fit};
