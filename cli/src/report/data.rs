//! What renderers ask a report, and what its messages cost.

pub(crate) use wacloud::journal::{Cost, Report, Times};

use crate::exit::Failure;

/// The campaign's name, for people.
pub(crate) fn title(report: &Report) -> &str {
    if report.campaign.is_empty() { &report.place } else { &report.campaign }
}

/// Whether anything is known beyond what sending answered.
pub(crate) fn has_statuses(report: &Report) -> bool {
    report.sent + report.delivered + report.read + report.failed > 0
}

/// What messages are called that the journal does not know yet.
pub(crate) const NOT_BEGUN: &str = "not begun";

/// All messages of the campaign, as far as that is known.
pub(crate) fn whole(report: &Report) -> u64 {
    report.messages.max(report.total.unwrap_or_default())
}

/// How many the journal does not know yet.
pub(crate) fn not_begun(report: &Report) -> u64 {
    whole(report) - report.messages
}

/// The messages that are not accepted, by outcome: name, count, kind of colour.
pub(crate) fn others(report: &Report) -> [(&'static str, u64, &'static str); 5] {
    [
        ("rejected", report.rejected, "bad"),
        ("not sent", report.not_sent, "warn"),
        ("unknown", report.unknown, "odd"),
        ("in flight", report.in_flight, "idle"),
        (NOT_BEGUN, not_begun(report), "idle"),
    ]
}

/// `billed`, `free`, or that it is not told.
pub(crate) fn billing(cost: &Cost) -> &'static str {
    match cost.billable {
        Some(true) => "billed",
        Some(false) => "free",
        None => "not told",
    }
}

/// `regular`, `free customer service` …
pub(crate) fn kind(cost: &Cost) -> String {
    cost.pricing_type.as_deref().unwrap_or_default().replace('_', " ")
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

    /// Categories that have a price and that nothing is counted as: a slip of the pen, perhaps. Before any webhook told a
    /// category nothing can be said of that.
    pub(crate) fn unused(&self, report: &Report) -> Vec<&str> {
        let is_known = |category: &str| report.costs.iter().any(|cost| cost.category.eq_ignore_ascii_case(category));
        let given = self.of.iter().map(|(category, _)| category.as_str());
        given.filter(|category| !report.costs.is_empty() && !is_known(category)).collect()
    }

    /// What these messages cost; `None` without a price.
    pub(crate) fn amount(&self, cost: &Cost) -> Option<f64> {
        if cost.billable != Some(true) {
            return (!self.is_empty()).then_some(0.0);
        }
        let of = self.of.iter().find(|(category, _)| *category == cost.category.to_lowercase());
        of.map(|(_, amount)| amount * cost.count as f64)
    }

    /// What all that has a price costs, and what that is called: not everything may have one.
    pub(crate) fn together(&self, report: &Report) -> (&'static str, f64) {
        let amounts = report.costs.iter().map(|cost| self.amount(cost));
        let name = if amounts.clone().any(|amount| amount.is_none()) { "those with a price" } else { "together" };
        (name, amounts.flatten().sum())
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
            pricing_type: None,
            billable: Some(billable),
            count,
        };
        let told = |cost: &Cost| prices.amount(cost).map(|amount| prices.told(amount));
        assert_eq!(told(&cost("marketing", true, 1_000_000)).as_deref(), Some("70,000.00 EUR"));
        assert_eq!(told(&cost("UTILITY", true, 3)).as_deref(), Some("0.01 EUR"));
        assert_eq!(told(&cost("utility", false, 3)).as_deref(), Some("0.00 EUR"));
        assert_eq!(told(&cost("authentication", true, 3)), None);
        let mut report = Report::default();
        assert!(prices.unused(&report).is_empty());
        report.costs = vec![cost("MARKETING", true, 1)];
        assert_eq!(prices.unused(&report), ["utility"]);
        assert_eq!(prices.together(&report), ("together", 0.07));
        report.costs.push(cost("authentication", true, 3));
        assert_eq!(prices.together(&report), ("those with a price", 0.07));
        for wrong in ["marketing", "marketing=much", "marketing=-1", "marketing=inf"] {
            assert!(Prices::parse(&[wrong.to_owned()], "").is_err(), "{wrong}");
        }
    }
}
