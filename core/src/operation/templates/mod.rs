//! Templates: what the account has, and what becomes of them.

mod create;
mod delete;
mod edit;
mod get;
mod library;
mod list;
mod observe;
mod status;
mod wait;
mod which;

pub use create::Create;
pub use delete::Delete;
pub use edit::Edit;
pub use get::Get;
pub use library::CreateFromLibrary;
pub use list::List;
pub use observe::{Observe, TemplateNews};
pub use status::Status;
pub use wait::WaitUntilApproved;

/// What the group is about, for the documentation of every language.
pub(super) const DOCS: &str = "The templates of the business account: what there is, new ones, and what Meta decides about them. Needs the setting \
                               `business_account_id` and the permission `whatsapp_business_management`.";

/// What a component may be given as: typed, or any object, for what is newer than this version.
#[cfg(feature = "manifest")]
fn components_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let typed = generator.subschema_for::<crate::template::ComponentDefinition>();
    schemars::json_schema!({
        "type": "array",
        "items": {"anyOf": [typed, {"type": "object", "additionalProperties": true}]},
    })
}

/// The same where they may be left out.
#[cfg(feature = "manifest")]
fn optional_components_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"anyOf": [components_schema(generator), {"type": "null"}]})
}
