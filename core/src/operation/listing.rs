//! Lists that come in pages, read as one.

use futures_core::Stream;
use futures_util::stream;

use crate::client::{Client, Operation};
use crate::error::Result;
use crate::graph::Page;

/// A call that answers with a page of a list, and takes where to begin.
pub trait Listing: Operation<Output = Page<Self::Item>> + Clone {
    /// What is on the list.
    type Item: Send;

    /// The same call for the page that begins there.
    #[must_use]
    fn beginning_after(self, cursor: String) -> Self;
}

impl Client {
    /// Everything on a list, page by page: the next one is asked for when the one before is used up. After an error there
    /// is nothing more.
    pub fn all<L: Listing + 'static>(&self, listing: L) -> impl Stream<Item = Result<L::Item>> + Send + use<L> {
        let client = self.clone();
        let begin = (Vec::new().into_iter(), Some(listing));
        stream::try_unfold(begin, move |(mut items, mut next)| {
            let client = client.clone();
            async move {
                loop {
                    if let Some(item) = items.next() {
                        return Ok(Some((item, (items, next))));
                    }
                    let Some(listing) = next else { return Ok(None) };
                    let page = client.call(listing.clone()).await?;
                    next = page.next().map(|cursor| listing.beginning_after(cursor.to_owned()));
                    items = page.items.into_iter();
                }
            }
        })
    }
}

/// Makes a struct with an optional `after` a [`Listing`].
macro_rules! listing {
    ($operation:ident of $item:ty) => {
        impl crate::operation::Listing for $operation {
            type Item = $item;

            fn beginning_after(self, cursor: String) -> Self {
                $operation { after: Some(cursor), ..self }
            }
        }
    };
}
