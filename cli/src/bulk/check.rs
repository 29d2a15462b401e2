//! The look at the whole file before any of it is sent.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use serde_json::Value;
use wacloud::template::Family;
use wacloud::{Content, Message, Violation};

use super::memory::Identities;
use super::plan::{Plan, Problem};
use super::source::Source;
use crate::exit::Failure;

/// What the file is like.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) rows: u64,
    /// The rows that cannot be sent, counted from 0, in their order.
    pub(crate) bad: Vec<u64>,
    /// Rows that go to somebody whom an earlier row goes to.
    pub(crate) repeated: u64,
    /// The first of them: its line, and the earlier one's.
    pub(crate) first_repeated: Option<(u64, u64)>,
    /// What the rows are, for the note on a journal; only where there is one.
    pub(crate) identities: Identities,
    /// The first message as it would go out, with its line.
    pub(crate) first: Option<(u64, Value)>,
}

impl Checked {
    pub(crate) fn good(&self) -> u64 {
        self.rows - self.bad.len() as u64
    }
}

/// Who and what was seen, as hashes with the line where: 24 bytes each or so. Beyond this many no more are learnt, so that the
/// memory has an end.
const MOST_SEEN: usize = 8_000_000;

fn hashed(what: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[derive(Default)]
struct Seen(HashMap<u64, u64>);

impl Seen {
    /// The line where it was seen before.
    fn before(&mut self, what: &str, line: u64) -> Option<u64> {
        let hash = hashed(what);
        if let Some(line) = self.0.get(&hash) {
            return Some(*line);
        }
        if self.0.len() < MOST_SEEN {
            self.0.insert(hash, line);
        }
        None
    }
}

/// Hears what is found.
pub(crate) trait Teller {
    /// A row has a problem.
    fn problem(&mut self, line: u64, problem: &Problem) -> Result<(), Failure>;

    /// So many rows are checked.
    fn rows(&mut self, _count: u64) {}
}

/// Checks every row, without sending. Each problem is told as it is found, with its line.
pub(crate) fn check(
    source: &Source,
    plan: &Plan,
    limit: Option<u64>,
    is_remembered: bool,
    family: Option<&Family>,
    teller: &mut impl Teller,
) -> Result<Checked, Failure> {
    let (mut recipients, mut keys) = (Seen::default(), Seen::default());
    let mut same: HashMap<u64, u32> = HashMap::new();
    let mut checked = Checked::default();
    let mut rows = source.rows()?;
    while limit.is_none_or(|most| checked.rows < most) {
        let Some(row) = rows.next_row()? else { break };
        let line = row.line;
        let found = match row.cells {
            Err(reason) => Err(vec![Problem { column: None, value: None, reason }]),
            Ok(cells) => {
                plan.check(&cells).and_then(|(planned, payload)| match family.map(|family| fits(family, &payload)) {
                    Some(misfits) if !misfits.is_empty() => {
                        Err(misfits.iter().map(|misfit| plan.problem(misfit, &cells)).collect())
                    }
                    _ => Ok((planned, payload)),
                })
            }
        };
        let found =
            found.and_then(|(planned, payload)| match planned.key.as_deref().and_then(|key| keys.before(key, line)) {
                None => Ok((planned, payload)),
                Some(before) => Err(vec![Problem {
                    column: None,
                    value: planned.key,
                    reason: format!("is a key that line {before} has already: the two would count as one message"),
                }]),
            });
        match found {
            Err(problems) => {
                checked.bad.push(checked.rows);
                for problem in &problems {
                    teller.problem(line, problem)?;
                }
            }
            Ok((planned, payload)) => {
                let payload_value = || serde_json::from_str::<Value>(&payload).unwrap_or_default();
                // As it goes out: `0043 1…` and `+431…` are one person.
                let to = recipient(&payload).unwrap_or(&planned.to);
                if let Some(before) = recipients.before(to, line) {
                    checked.repeated += 1;
                    checked.first_repeated.get_or_insert((line, before));
                }
                if is_remembered {
                    let nth = same.entry(hashed(&planned.identity)).or_default();
                    *nth += 1;
                    checked.identities.add(&planned.identity, *nth);
                }
                if checked.first.is_none() {
                    checked.first = Some((line, payload_value()));
                }
            }
        }
        checked.rows += 1;
        teller.rows(checked.rows);
    }
    Ok(checked)
}

/// What of a body that core wrote does not fit its template.
fn fits(family: &Family, payload: &str) -> Vec<Violation> {
    let body = serde_json::from_str::<Value>(payload).unwrap_or_default();
    match Message::from_payload(&body).map(|message| message.content) {
        Ok(Content::Template(template)) => family.check(&template),
        _ => Vec::new(),
    }
}

/// The recipient in a body that core wrote: without reading the whole of it.
fn recipient(payload: &str) -> Option<&str> {
    let rest =
        ["\"to\":\"", "\"recipient\":\""].iter().find_map(|name| payload.split_once(name).map(|(_, rest)| rest))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use clap::Parser;

    use super::super::plan::Campaign;
    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        campaign: Campaign,
    }

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Teller for Told {
        fn problem(&mut self, line: u64, problem: &Problem) -> Result<(), Failure> {
            self.0.push(format!("{line} {} {}", problem.column.as_deref().unwrap_or("-"), problem.reason));
            Ok(())
        }
    }

    fn checked(file: &str, arguments: &[&str]) -> (Checked, Vec<String>) {
        let mut written = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        written.write_all(file.as_bytes()).unwrap();
        let source = Source::open(written.path().to_str().unwrap(), None, None).unwrap();
        let campaign = Command::parse_from([&["bulk"], arguments].concat()).campaign;
        let plan = campaign.plan(&source).unwrap_or_else(|failure| panic!("{}", failure.message));
        let mut told = Told::default();
        let checked = check(&source, &plan, None, false, None, &mut told);
        (checked.unwrap(), told.0)
    }

    const TEMPLATE: [&str; 8] =
        ["--template", "order_update", "--lang", "en_US", "--body", "{name}", "#{order}", "--to"];

    #[test]
    fn every_bad_row_is_told_with_its_line_and_column() {
        let long = "x".repeat(32_768);
        let file = format!(
            "phone,name,order\n+15550001234,Ana,1\n555,Bea,2\n+15550001236,,3\n+15550001237,{long}y,4\n+15550001238,{long}zz,\n00 1 555 000 1234,Eva,5\n"
        );
        let (checked, told) = checked(&file, &[&TEMPLATE[..], &["phone"]].concat());
        assert_eq!((checked.rows, checked.good(), checked.bad.clone()), (6, 2, vec![1, 2, 3, 4]));
        assert_eq!((checked.repeated, checked.first_repeated), (1, Some((7, 2))));
        let begins = ["3 phone must have 8 to 15 digits", "4 name is empty", "5 name must have", "6 order is empty"];
        assert_eq!(told.len(), begins.len(), "{told:?}");
        for (told, begins) in told.iter().zip(begins) {
            assert!(told.starts_with(begins), "{told}");
        }
        let (line, first) = checked.first.unwrap();
        assert_eq!((line, &first["template"]["components"][0]["parameters"][1]["text"]), (2, &"#1".into()));
    }

    #[test]
    fn mistakes_in_headers_and_buttons_name_their_columns() {
        let long = "x".repeat(61);
        let file = format!("phone,head,code,n\n+15550001234,{long},{},1\n", "y".repeat(20));
        let arguments = [
            "--template",
            "promo",
            "--lang",
            "en",
            "--header",
            "{head}",
            "--body",
            "{n}",
            "--button",
            "0:url={n}",
            "--button",
            "1:copy_code={code}",
        ];
        let (_, told) = checked(&file, &arguments);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("2 code ") && told[1].starts_with("2 head "), "{told:?}");
        let (_, told) = checked("phone,title\n+15550001234,\n", &["--text", "{title|}"]);
        assert!(told[0].starts_with("2 title must not be empty"), "{told:?}");
    }

    #[test]
    fn a_key_that_comes_twice_is_a_mistake() {
        let (checked, told) = checked("to,id\n+15550001234,a\n+15550001235,a\n", &["--text", "Hi", "--key", "id"]);
        assert_eq!(checked.bad, [1]);
        assert!(told[0].contains("line 2 has already"), "{told:?}");
    }
}
