//! `wacloud templates` as a program, and a bulk whose file is held to the template first.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use common::{Place, has};
use serde_json::{Value, json};

const ACCOUNT: &str = "102290129340398";

fn templates(place: &Place, arguments: &[&str]) -> common::Done {
    let mut command = place.command(&[&["templates"], arguments].concat());
    command.env("WA_BUSINESS_ACCOUNT_ID", ACCOUNT);
    common::Done::of(command.output().unwrap())
}

#[test]
fn what_there_is_is_listed_and_shown() {
    let place = Place::fast();
    let list = templates(&place, &["list", "--name", "order_update"]).ended(0);
    has(&list.out, &["order_update        de     UTILITY  APPROVED", "order_update_named  en_US", "3 templates"]);
    let list = templates(&place, &["list", "--category", "AUTHENTICATION", "--json"]).ended(0);
    let listed: Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &"login_code".into()));
    let shown = templates(&place, &["get", "promo", "--lang", "en_US"]).ended(0);
    has(
        &shown.out,
        &["promo (en_US) is APPROVED", "header    image", "0  URL  Show me  https://example.com/offer/{{1}}"],
    );
    // Nobody has written anything wrong: Meta was asked, and has none.
    let missing = templates(&place, &["get", "promo", "--lang", "fr"]).ended(1);
    has(&missing.err, &["wacloud: promo has no translation \"fr\"; there are en_US."]);
    let missing = templates(&place, &["get", "order_updte", "--lang", "en_US"]).ended(1);
    has(&missing.err, &["has no template \"order_updte\"; did you mean order_update?"]);
    let slip = templates(&place, &["list", "--status", "approvd", "--lang", "english"]).ended(2);
    has(&slip.err, &["2 mistakes:", "did you mean APPROVED?", "did you mean en?"]);
    let [get, status] = ["get", "status"].map(|name| templates(&place, &[name, "--help"]).ended(0).out);
    assert_ne!(get.lines().next(), status.lines().next());
    has(&templates(&place, &["get", "promo"]).ended(2).err, &["--lang"]);
    for (line, operation) in [
        (&["list"][..], "templates.list"),
        (&["get", "promo", "--lang", "en_US"], "templates.get"),
        (&["status", "promo", "--lang", "en_US"], "templates.status"),
        (&["wait", "promo", "--lang", "en_US"], "templates.wait_until_approved"),
    ] {
        let nobody = place.run(&[&["templates"], line].concat()).ended(2);
        has(
            &nobody.err,
            &[&format!("--account-id (or WA_BUSINESS_ACCOUNT_ID) is needed by {operation} and was not given")],
        );
    }
}

#[test]
fn one_is_created_waited_for_copied_and_deleted() {
    let place = Place::new(&["--rate", "0", "--template-review-ms", "never"]);
    let definition = json!({"name": "shipped", "language": "en_US", "category": "UTILITY", "components": [
        {"type": "BODY", "text": "Hello {{1}}, it is on its way.", "example": {"body_text": [["Ana"]]}}]});
    let file = place.file("shipped.json", definition.to_string());
    let created = templates(&place, &["create", &file]).ended(0);
    has(&created.out, &["shipped is PENDING, with the id "]);
    has(
        &templates(&place, &["status", "shipped", "--lang", "en_US"]).ended(1).out,
        &["shipped (en_US) is PENDING, UTILITY"],
    );
    let late = templates(&place, &["wait", "shipped", "--lang", "en_US", "--within", "1"]).ended(5);
    has(&late.err, &["shipped (en_US) is PENDING after 1 seconds"]);
    place.control("POST", "templates/status", &json!({"name": "shipped", "status": "REJECTED", "reason": "SCAM"}));
    let rejected = templates(&place, &["wait", "shipped", "--lang", "en_US"]).ended(1);
    has(&rejected.err, &["shipped (en_US) was rejected by Meta (SCAM)"]);
    place.control("POST", "templates/status", &json!({"name": "shipped", "status": "APPROVED"}));
    templates(&place, &["wait", "shipped", "--lang", "en_US"]).ended(0);
    has(&templates(&place, &["status", "shipped", "--lang", "en_US"]).ended(0).out, &["is APPROVED"]);

    // What is shown as JSON is what can be created, under another name.
    let shown = templates(&place, &["get", "shipped", "--lang", "en_US", "--json"]).ended(0);
    let mut copy: Value = serde_json::from_str(&shown.out).unwrap();
    copy["name"] = "shipped_again".into();
    let file = place.file("copy.json", copy.to_string());
    templates(&place, &["create", &file]).ended(0);
    let again = templates(&place, &["create", &file]).ended(1);
    has(&again.err, &["There is already en_US content for this template"]);

    has(&templates(&place, &["delete", "shipped"]).ended(2).err, &["--all-languages"]);
    templates(&place, &["delete", "shipped", "--all-languages"]).ended(0);
    has(&templates(&place, &["status", "shipped", "--lang", "en_US"]).ended(1).err, &["has no template \"shipped\""]);
    let wrong =
        place.file("wrong.json", r#"{"name": "Shipped", "language": "en-US", "category": "NEWS", "components": []}"#);
    has(
        &templates(&place, &["create", &wrong]).ended(2).err,
        &["4 mistakes", "name must be lower-case", "components is required"],
    );
    let slip = place
        .file("slip.json", r#"{"name": "shipped", "language": "en_US", "category": "UTILITY", "componentss": []}"#);
    has(&templates(&place, &["create", &slip]).ended(2).err, &["componentss is not known; did you mean components?"]);
}

#[test]
fn one_of_metas_library_is_created_from_its_name() {
    let place = Place::fast();
    let of_library = json!({"name": "parcel", "language": "en_US", "category": "UTILITY",
        "library_template_name": "delivery_update_1", "library_template_button_inputs": [
            {"type": "URL", "url": {"base_url": "https://example.com/{{1}}", "url_suffix_example": "https://example.com/a"}}]});
    let file = place.file("parcel.json", of_library.to_string());
    has(&templates(&place, &["create", &file]).ended(0).out, &["parcel is PENDING, with the id "]);
    let shown = templates(&place, &["get", "parcel", "--lang", "en_US"]).ended(0);
    has(&shown.out, &["delivery_update_1", "0  URL  Open  https://example.com/{{1}}"]);
    let slip = of_library.to_string().replace("library_template_button_inputs", "library_template_buttons_inputs");
    let slip = place.file("slip.json", slip);
    has(&templates(&place, &["create", &slip]).ended(2).err, &["did you mean library_template_button_inputs?"]);
}

#[test]
fn a_bulk_holds_its_file_to_the_template_before_it_sends() {
    let place = Place::fast();
    place.file("c.csv", "phone,name,order\n+15550001234,Ana,1\n+15550001235,Bea,2\n");
    let bulk = |more: &[&str]| {
        let mut command = place.command(&[&["bulk", "c.csv", "--to", "phone"], more].concat());
        command.env("WA_BUSINESS_ACCOUNT_ID", ACCOUNT);
        common::Done::of(command.output().unwrap())
    };
    let refused = bulk(&["--template", "order_update", "--lang", "en_US", "--body", "{name}"]).ended(2);
    has(&refused.err, &["line 2:", "body of order_update (en_US) takes 2 values {{1}} {{2}}, got 1", "2 of 2 rows"]);
    let refused = bulk(&["--template", "order_update", "--lang", "fr", "--body", "{name}", "{order}"]).ended(2);
    has(&refused.err, &["order_update has no translation \"fr\"; there are en_US, de (132001). Nothing was sent."]);
    let dry = bulk(&["--dry-run", "--template", "promo", "--lang", "en_US", "--body", "{name}"]).ended(2);
    has(&dry.err, &["header of promo (en_US) is an image, none was given"]);
    assert!(place.messages().is_empty());
    bulk(&["--template", "order_update", "--lang", "en_US", "--body", "{name}", "#{order}"]).ended(0);
    assert_eq!(place.messages().len(), 2);
}
