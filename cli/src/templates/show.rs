//! Templates for people at a terminal.

use std::fmt::Write as _;

use serde::Serialize;

use wacloud::template::{ComponentDefinition, MessageTemplate};

use crate::term::{Paint, counted};

fn painted(status: &str) -> String {
    let paint = Paint::stdout();
    match status {
        "APPROVED" => paint.good(status),
        "PENDING" | "IN_APPEAL" => paint.warning(status),
        _ => paint.bad(status),
    }
}

/// Every template in a line.
pub(super) fn table(templates: &[MessageTemplate]) -> String {
    if templates.is_empty() {
        return "There is no such template.\n".to_owned();
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let width = |of: fn(&MessageTemplate) -> &Option<String>| {
        templates.iter().map(|template| text(of(template)).chars().count()).max().unwrap_or_default()
    };
    let (name, language) = (width(|template| &template.name), width(|template| &template.language));
    let category = width(|template| &template.category);
    let mut table = String::new();
    for template in templates {
        let _ = writeln!(
            table,
            "{:<name$}  {:<language$}  {:<category$}  {}{}",
            text(&template.name),
            text(&template.language),
            text(&template.category),
            painted(template.status.as_deref().unwrap_or("-")),
            reason(template.rejected_reason.as_deref()),
        );
    }
    let _ = writeln!(table, "\n{}", counted(templates.len() as u64, "template", "templates"));
    table
}

fn reason(reason: Option<&str>) -> String {
    reason.filter(|reason| *reason != "NONE").map(|reason| format!(" ({reason})")).unwrap_or_default()
}

/// A template in a line: `order_update (en_US) is APPROVED, UTILITY, id 1…`.
pub(super) fn line(template: &impl Serialize) -> String {
    let told = serde_json::to_value(template).unwrap_or_default();
    let text = |name: &str| told[name].as_str().unwrap_or("-");
    let why = reason(told["rejected_reason"].as_str());
    let status = painted(text("status"));
    format!("{} ({}) is {status}{why}, {}, id {}\n", text("name"), text("language"), text("category"), text("id"))
}

/// A template with what it is made of.
pub(super) fn whole(template: &MessageTemplate) -> String {
    let mut told = line(template);
    for component in template.definition().components.iter().flatten() {
        part(component, 2, &mut told);
    }
    told
}

fn part(component: &ComponentDefinition, indent: usize, told: &mut String) {
    let kind = component.kind.as_deref().unwrap_or("?").to_lowercase();
    let says = match (&component.format, &component.text, &component.limited_time_offer) {
        (Some(format), None, _) => format.to_lowercase(),
        (_, Some(text), _) => text.replace('\n', &format!("\n{:1$}", "", indent + 10)),
        (_, _, Some(offer)) => offer.text.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let _ = writeln!(told, "{:indent$}{kind:<8}  {says}", "");
    for (index, button) in component.buttons.iter().flatten().enumerate() {
        let more = [&button.url, &button.phone_number].into_iter().flatten().next();
        let more = more.map(|more| format!("  {more}")).unwrap_or_default();
        let (kind, text) = (button.kind.as_deref().unwrap_or("?"), button.text.as_deref().unwrap_or_default());
        let _ = writeln!(told, "{:indent$}  {index}  {kind}  {text}{more}", "");
    }
    for (index, card) in component.cards.iter().flatten().enumerate() {
        let _ = writeln!(told, "{:indent$}  card {index}", "");
        card.components.iter().flatten().for_each(|component| part(component, indent + 4, told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_template_is_shown_with_all_its_parts() {
        let template: MessageTemplate = serde_json::from_value(json!({
            "id": "1", "name": "promo", "language": "en", "status": "REJECTED", "category": "MARKETING", "rejected_reason": "SCAM",
            "components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi {{1}}\nBye"},
                {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Shop", "url": "https://example.com"}]}]}))
        .unwrap();
        assert_eq!(
            whole(&template),
            "promo (en) is REJECTED (SCAM), MARKETING, id 1\n  header    image\n  body      Hi {{1}}\n            Bye\n  \
             buttons   \n    0  URL  Shop  https://example.com\n"
        );
        assert_eq!(table(&[]), "There is no such template.\n");
        assert!(table(&[template]).starts_with("promo  en  MARKETING  REJECTED (SCAM)\n"));
        assert_eq!(line(&Value::Null), "- (-) is -, -, id -\n");
    }
}
