//! Which fields of an object of Graph's are asked for.

use crate::message::violation::{Checker, Rule};

/// What stands in `fields=`: those that were given, else the usual ones. Names may have others in braces
/// (`health_status{entities}`) and what they take after a dot (`qr_image_url.format(SVG)`).
pub(super) fn list(given: Option<&[String]>, usual: &str, checker: &mut Checker) -> String {
    let Some(given) = given else { return usual.to_owned() };
    if given.is_empty() {
        checker.refuse_at("fields", Rule::Required, "is empty: name one at least, or leave it out for the usual ones");
    }
    checker.items("fields", given, |checker, name| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_.(){},".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            checker.refuse(Rule::Format, "is no name of a field: letters, digits and _, as in quality_rating");
        }
    });
    given.join(",")
}
