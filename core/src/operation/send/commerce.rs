//! Products of a catalog.

use super::{Built, sends};
use crate::message::interactive::{Catalog, CatalogParameters, Frame, Line, Product, ProductList, ProductSection};
use crate::message::{Heading, Interactive};

sends! {
    /// Sends one product of the catalog that is connected to the account.
    ///
    /// Source: Meta's OpenAPI document and its page "Share products with customers".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_product("+15550001234", "146265584024623", "hat-7").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendProduct: send_product, product,
    r#"{"to": "+15550001234", "catalog_id": "146265584024623", "product_retailer_id": "hat-7", "body": "The hat you asked for"}"# {
        /// The catalog's id.
        catalog_id: String = "interactive.action.catalog_id",
        /// The product's id in the catalog.
        product_retailer_id: String = "interactive.action.product_retailer_id",
        ;
        /// A text: up to 1,024 characters.
        body: String = "interactive.body.text",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => {
        let mut frame = Frame::new("", Product { catalog_id, product_retailer_id });
        frame.body = body.map(|text| Line { text });
        Built::interactive(Interactive::Product, frame, None, footer)
    }
}

sends! {
    /// Sends several products of the catalog that is connected to the account.
    ///
    /// Source: Meta's OpenAPI document and its page "Share products with customers".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::message::interactive::ProductSection;
    ///
    /// let hats = ProductSection::new("Hats", ["hat-7", "hat-8"]);
    /// wa.send_product_list("+15550001234", "New", "Our hats", "146265584024623", [hats]).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendProductList: send_product_list, product_list,
    r#"{"to": "+15550001234", "header": "New", "body": "Our hats", "catalog_id": "146265584024623", "sections": [{"title": "Hats", "product_items": [{"product_retailer_id": "hat-7"}, {"product_retailer_id": "hat-8"}]}]}"# {
        /// A line above the text: 1 to 60 characters.
        header: String = "interactive.header.text",
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// The catalog's id.
        catalog_id: String = "interactive.action.catalog_id",
        /// 1 to 10 sections with 30 products in all. A section has a `title` (up to 24 characters, required when there are
        /// several) and `product_items`, each with a `product_retailer_id`.
        sections: Vec<ProductSection> = "interactive.action.sections",
        ;
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => {
        let frame = Frame::new(body, ProductList { catalog_id, sections });
        Built::interactive(Interactive::ProductList, frame, Some(Heading::only_text(header)), footer)
    }
}

sends! {
    /// Sends the catalog that is connected to the account, with a button that opens it.
    ///
    /// Source: Meta's OpenAPI document and its page "Share products with customers".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_catalog("+15550001234", "All we have").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendCatalog: send_catalog, catalog,
    r#"{"to": "+15550001234", "body": "All we have", "thumbnail_product_retailer_id": "hat-7"}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        ;
        /// The product whose picture is shown: its id in the catalog. The first one's unless given.
        thumbnail_product_retailer_id: String = "interactive.action.parameters.thumbnail_product_retailer_id",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => {
        let parameters = thumbnail_product_retailer_id
            .map(|id| CatalogParameters { thumbnail_product_retailer_id: Some(id) });
        let frame = Frame::new(body, Catalog { parameters, ..Catalog::default() });
        Built::interactive(Interactive::Catalog, frame, None, footer)
    }
}
