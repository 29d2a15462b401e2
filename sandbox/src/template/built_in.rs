//! The templates that every sandbox knows from the start: one of each form.

use super::{Template, TemplateButton, TemplateCard, TemplateHeader, TemplateOffer, approved, positional};

fn template(name: &str, category: Option<&str>, body: &str) -> Template {
    Template {
        name: name.to_owned(),
        language: "en_US".to_owned(),
        status: approved(),
        category: category.map(str::to_owned),
        header: None,
        body: body.to_owned(),
        parameter_format: positional(),
        limited_time_offer: None,
        buttons: Vec::new(),
        cards: Vec::new(),
        id: String::new(),
        rejected_reason: None,
        library_template_name: None,
        components: None,
    }
}

fn text(text: &str) -> Option<TemplateHeader> {
    Some(TemplateHeader { format: "TEXT".to_owned(), text: Some(text.to_owned()) })
}

fn header(format: &str) -> TemplateHeader {
    TemplateHeader { format: format.to_owned(), text: None }
}

fn button(kind: &str, says: &str) -> TemplateButton {
    TemplateButton { kind: kind.to_owned(), url: None, text: Some(says.to_owned()) }
}

fn url(says: &str, url: &str) -> TemplateButton {
    TemplateButton { url: Some(url.to_owned()), ..button("URL", says) }
}

/// Templates without a category go through both endpoints, so that programs can try either with them.
pub(crate) fn built_in() -> Vec<Template> {
    const UTILITY: Option<&str> = Some("UTILITY");
    const MARKETING: Option<&str> = Some("MARKETING");
    let greeting =
        "Welcome and congratulations!! This message demonstrates your ability to send a message notification.";
    let new_arrival = TemplateCard {
        header: header("IMAGE"),
        body: Some("{{1}} is back.".to_owned()),
        buttons: vec![button("QUICK_REPLY", "More like this"), url("Shop", "https://example.com/shop/{{1}}")],
    };
    let product = TemplateCard { header: header("PRODUCT"), body: None, buttons: vec![button("SPM", "View")] };
    vec![
        Template { header: text("Hello World"), ..template("hello_world", None, greeting) },
        template("order_update", None, "Hello {{1}}, your order {{2}} is on its way."),
        Template {
            language: "de".to_owned(),
            ..template("order_update", None, "Hallo {{1}}, deine Bestellung {{2}} ist unterwegs.")
        },
        Template {
            parameter_format: "NAMED".to_owned(),
            ..template("order_update_named", None, "Hello {{name}}, your order {{order}} is on its way.")
        },
        Template {
            header: text("Your appointment at {{1}}"),
            ..template("appointment", None, "Hello {{1}}, we look forward to seeing you on {{2}}.")
        },
        Template {
            header: Some(header("IMAGE")),
            buttons: vec![url("Show me", "https://example.com/offer/{{1}}"), button("COPY_CODE", "Copy code")],
            ..template("promo", None, "Hello {{1}}, this is for you.")
        },
        Template {
            buttons: vec![button("OTP", "Copy code")],
            ..template("login_code", Some("AUTHENTICATION"), "*{{1}}* is your verification code.")
        },
        Template {
            header: Some(header("DOCUMENT")),
            ..template("invoice", UTILITY, "Hello {{1}}, here is your invoice {{2}}.")
        },
        Template {
            header: Some(header("LOCATION")),
            ..template("pick_up", UTILITY, "Hello {{1}}, your order waits for you here.")
        },
        Template {
            buttons: vec![
                button("QUICK_REPLY", "Good"),
                button("QUICK_REPLY", "Bad"),
                button("QUICK_REPLY", "No answer"),
            ],
            ..template("feedback", UTILITY, "Hello {{1}}, how was it?")
        },
        Template {
            buttons: vec![button("FLOW", "Choose a time")],
            ..template("book_visit", UTILITY, "Hello {{1}}, when may we come?")
        },
        Template {
            buttons: vec![button("VOICE_CALL", "Call now"), url("Help", "https://example.com/help")],
            ..template("call_us", UTILITY, "Hello {{1}}, we are here for you.")
        },
        Template {
            buttons: vec![button("ORDER_DETAILS", "Review and pay")],
            ..template("pay_order", UTILITY, "Hello {{1}}, this is your bill.")
        },
        Template {
            header: Some(header("IMAGE")),
            limited_time_offer: Some(TemplateOffer { text: "Ends soon!".to_owned(), has_expiration: true }),
            buttons: vec![button("COPY_CODE", "Copy code"), url("Book now", "https://example.com/offers?code={{1}}")],
            ..template("flash_sale", MARKETING, "Good news, {{1}}! Use code {{2}}.")
        },
        Template {
            buttons: vec![button("CATALOG", "View catalog")],
            ..template("our_catalog", MARKETING, "Hello {{1}}, everything we have is in here.")
        },
        Template {
            header: text("Forget something, {{1}}?"),
            buttons: vec![button("MPM", "View items")],
            ..template("abandoned_cart", MARKETING, "Use code {{1}} for 10% off.")
        },
        Template {
            cards: vec![new_arrival.clone(), new_arrival],
            ..template("new_arrivals", MARKETING, "Hello {{1}}, look what came in.")
        },
        Template {
            cards: vec![product.clone(), product],
            ..template("picked_for_you", MARKETING, "Hello {{1}}, we picked these for you.")
        },
    ]
}
