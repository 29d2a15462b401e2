//! Products of a catalog.

use serde::{Deserialize, Serialize};

use super::list::{check_title, check_total};
use super::{Action, FrameRules, HeaderRule};
use crate::message::limits;
use crate::message::tagged::words;
use crate::message::violation::{Checker, Rule};

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The catalog that is connected to the account.
    pub catalog_id: String,
    /// The product in it.
    pub product_retailer_id: String,
}

/// Several products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductList {
    /// The catalog that is connected to the account.
    pub catalog_id: String,
    /// 1 to 10 sections with 30 products in all.
    pub sections: Vec<ProductSection>,
}

/// Products under one title.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductSection {
    /// What stands above the products: up to 24 characters. Required when there is more than one section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// At least one product; all sections together have 30 at most.
    pub product_items: Vec<ProductItem>,
}

/// A product of a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductItem {
    /// The product in the catalog.
    pub product_retailer_id: String,
}

/// A whole catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Always `catalog_message`.
    pub name: CatalogWord,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<CatalogParameters>,
}

words! {
    /// The name of this action.
    CatalogWord = "catalog_message";
}

/// How a catalog is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogParameters {
    /// The product whose picture is shown; the first one's unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_product_retailer_id: Option<String>,
}

impl ProductSection {
    /// These products under a title.
    pub fn new<I: Into<String>>(title: impl Into<String>, products: impl IntoIterator<Item = I>) -> Self {
        let item = |id: I| ProductItem { product_retailer_id: id.into() };
        ProductSection { title: Some(title.into()), product_items: products.into_iter().map(item).collect() }
    }
}

impl Action for Product {
    const FRAME: FrameRules = FrameRules { header: HeaderRule::None, body_is_required: false, ..FrameRules::ALL };

    fn check(&self, checker: &mut Checker) {
        checker.text("catalog_id", &self.catalog_id, 1, usize::MAX);
        checker.text("product_retailer_id", &self.product_retailer_id, 1, usize::MAX);
    }
}

impl Action for ProductList {
    const FRAME: FrameRules = FrameRules { header: HeaderRule::RequiredText, ..FrameRules::ALL };

    fn check(&self, checker: &mut Checker) {
        checker.text("catalog_id", &self.catalog_id, 1, usize::MAX);
        check_sections(&self.sections, checker);
    }
}

/// The `sections` of a message or template with several products.
pub(crate) fn check_sections(sections: &[ProductSection], checker: &mut Checker) {
    checker.count("sections", sections.len(), 1, limits::SECTIONS);
    checker.items("sections", sections, |checker, section| {
        check_title(section.title.as_ref(), sections.len() > 1, checker);
        if section.product_items.is_empty() {
            checker.refuse_at("product_items", Rule::Count, "must have at least 1 item, has 0");
        }
        checker.items("product_items", &section.product_items, |checker, item| {
            checker.text("product_retailer_id", &item.product_retailer_id, 1, usize::MAX);
        });
    });
    let products = sections.iter().map(|section| section.product_items.len()).sum();
    check_total(sections.len(), "products", products, limits::PRODUCTS, checker);
}

impl Action for Catalog {
    const FRAME: FrameRules = FrameRules { header: HeaderRule::None, ..FrameRules::ALL };

    fn check(&self, checker: &mut Checker) {
        let thumbnail = self.parameters.as_ref().and_then(|p| p.thumbnail_product_retailer_id.as_ref());
        checker.member("parameters", |c| c.optional_text("thumbnail_product_retailer_id", thumbnail, 1, usize::MAX));
    }
}
