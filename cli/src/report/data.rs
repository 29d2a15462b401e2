//! What a campaign came to.

use serde::Serialize;

use crate::exit::Failure;
use crate::reason::Reason;

/// A campaign in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Its name, where it has one.
    pub(crate) campaign: Option<String>,
    /// Where its journal is.
    pub(crate) place: String,
    pub(crate) phone_number_id: String,
    /// Where the API is.
    pub(crate) origin: String,
    pub(crate) begun_at_ms: u64,
    pub(crate) last_at_ms: u64,
    /// How often it was begun or gone on with.
    pub(crate) runs: u64,
    /// How many messages there are to be, if that is known.
    pub(crate) total: Option<u64>,
    pub(crate) messages: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) not_sent: u64,
    pub(crate) unknown: u64,
    pub(crate) in_flight: u64,
    /// By status webhooks, each with those that went further.
    pub(crate) sent: u64,
    pub(crate) delivered: u64,
    pub(crate) read: u64,
    pub(crate) played: u64,
    /// Accepted, and failed afterwards.
    pub(crate) failed: u64,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) times: Times,
    pub(crate) costs: Vec<Cost>,
}

/// What happened when.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Times {
    pub(crate) bucket_ms: u64,
    pub(crate) buckets: Vec<Bucket>,
}

/// What happened from a moment on, for as long as a bucket is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Bucket {
    pub(crate) at_ms: u64,
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) read: u64,
    pub(crate) failed: u64,
}

/// Messages of one price.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Cost {
    /// `marketing`, `utility`, `authentication`, `service` …
    pub(crate) category: String,
    /// `regular`, `free_customer_service` …
    pub(crate) pricing_type: String,
    pub(crate) billable: bool,
    pub(crate) count: u64,
}

impl Report {
    /// Its name, for people.
    pub(crate) fn title(&self) -> &str {
        self.campaign.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.place)
    }

    /// Whether anything is known beyond what sending answered.
    pub(crate) fn has_statuses(&self) -> bool {
        self.sent + self.delivered + self.read + self.played + self.failed > 0
    }

    /// The messages that are not accepted, by outcome: name, count, kind of colour.
    pub(crate) fn others(&self) -> [(&'static str, u64, &'static str); 4] {
        [
            ("rejected", self.rejected, "bad"),
            ("not sent", self.not_sent, "warn"),
            ("unknown", self.unknown, "odd"),
            ("in flight", self.in_flight, "idle"),
        ]
    }
}

/// What a message of a category costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Prices {
    of: Vec<(String, f64)>,
    /// What stands behind amounts: `USD`.
    pub(crate) currency: String,
}

impl Prices {
    /// From `CATEGORY=AMOUNT` of each.
    pub(crate) fn parse(given: &[String], currency: &str) -> Result<Self, Failure> {
        let wrong =
            |text: &str| Failure::usage(format!("--price {text:?} must be CATEGORY=AMOUNT, such as marketing=0.07"));
        let mut of = Vec::new();
        for text in given {
            let (category, amount) = text.split_once('=').ok_or_else(|| wrong(text))?;
            let amount = amount.parse::<f64>().ok().filter(|amount| amount.is_finite() && *amount >= 0.0);
            of.push((category.trim().to_lowercase(), amount.ok_or_else(|| wrong(text))?));
        }
        Ok(Prices { of, currency: currency.to_owned() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// What these messages cost; `None` without a price.
    pub(crate) fn amount(&self, cost: &Cost) -> Option<f64> {
        if !cost.billable {
            return (!self.is_empty()).then_some(0.0);
        }
        let of = self.of.iter().find(|(category, _)| *category == cost.category.to_lowercase());
        of.map(|(_, amount)| amount * cost.count as f64)
    }

    /// `1,234.50 USD`
    pub(crate) fn told(&self, amount: f64) -> String {
        let cents = (amount * 100.0).round() as u64;
        let text = format!("{}.{:02}", crate::term::grouped(cents / 100), cents % 100);
        if self.currency.is_empty() { text } else { format!("{text} {}", self.currency) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_multiplied_for_what_is_billed() {
        let prices = Prices::parse(&["marketing=0.07".to_owned(), "Utility=0.004".to_owned()], "EUR").unwrap();
        let cost = |category: &str, billable, count| Cost {
            category: category.to_owned(),
            pricing_type: String::new(),
            billable,
            count,
        };
        let told = |cost: &Cost| prices.amount(cost).map(|amount| prices.told(amount));
        assert_eq!(told(&cost("marketing", true, 1_000_000)).as_deref(), Some("70,000.00 EUR"));
        assert_eq!(told(&cost("UTILITY", true, 3)).as_deref(), Some("0.01 EUR"));
        assert_eq!(told(&cost("utility", false, 3)).as_deref(), Some("0.00 EUR"));
        assert_eq!(told(&cost("authentication", true, 3)), None);
        for wrong in ["marketing", "marketing=much", "marketing=-1", "marketing=inf"] {
            assert!(Prices::parse(&[wrong.to_owned()], "").is_err(), "{wrong}");
        }
    }
}
