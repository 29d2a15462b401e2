//! What happened when, as a drawing.

use std::fmt::Write as _;

use wacloud::journal::Bucket;

use super::data::Times;
use crate::term::grouped;
use crate::time::Moment;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 250.0;
/// Room for the numbers at the left, and for the times below.
const LEFT: f64 = 56.0;
const BELOW: f64 = 28.0;
const ABOVE: f64 = 12.0;
/// More steps than this cannot be told apart.
const MOST_STEPS: usize = 180;

/// A line of the drawing: name, class, what it counts.
type Line = (&'static str, &'static str, fn(&Bucket) -> u64);

const LINES: [Line; 4] = [
    ("accepted", "l-good", |bucket| bucket.accepted),
    ("delivered", "l-good2", |bucket| bucket.delivered),
    ("read", "l-good3", |bucket| bucket.read),
    ("failed", "l-bad", |bucket| bucket.failed),
];

/// Buckets, so many in a row together that there are not too many, with those in which nothing happened.
fn joined(times: &Times) -> Times {
    let (Some(first), Some(last)) = (times.buckets.first(), times.buckets.last()) else { return Times::default() };
    let width = times.bucket_ms.max(1);
    let span = last.at_ms.saturating_sub(first.at_ms) / width + 1;
    let together = span.div_ceil(MOST_STEPS as u64).max(1);
    let bucket_ms = width * together;
    let count = usize::try_from(span.div_ceil(together)).unwrap_or(MOST_STEPS);
    let mut buckets: Vec<Bucket> =
        (0..count).map(|at| Bucket { at_ms: first.at_ms + at as u64 * bucket_ms, ..Bucket::default() }).collect();
    for bucket in &times.buckets {
        let at = usize::try_from(bucket.at_ms.saturating_sub(first.at_ms) / bucket_ms).unwrap_or_default();
        if let Some(into) = buckets.get_mut(at.min(count - 1)) {
            into.accepted += bucket.accepted;
            into.delivered += bucket.delivered;
            into.read += bucket.read;
            into.failed += bucket.failed;
        }
    }
    Times { bucket_ms, buckets }
}

/// The unit in which the most is at least one message: its name, and how long it is.
fn unit(most: u64, bucket_ms: u64) -> (&'static str, f64) {
    let units = [("second", 1_000.0), ("minute", 60_000.0), ("hour", 3_600_000.0), ("day", 86_400_000.0)];
    let rate = |ms: f64| most as f64 / bucket_ms as f64 * ms;
    units.into_iter().find(|(_, ms)| rate(*ms) >= 1.0).unwrap_or(units[3])
}

/// A round number that is not smaller, for the top of the scale, and the distance of its lines.
fn scale(most: f64) -> (f64, f64) {
    let power = 10_f64.powf((most.max(1e-9) / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| step * 4.0 >= most);
    let step = step.unwrap_or(10.0 * power);
    ((most / step).ceil().max(1.0) * step, step)
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { grouped(value as u64) } else { format!("{value:.1}") }
}

/// The drawing and what stands around it; `None` without anything to draw.
pub(super) fn render(times: &Times) -> Option<String> {
    let times = joined(times);
    let (first, last) = (times.buckets.first()?, times.buckets.last()?);
    let shown: Vec<Line> =
        LINES.into_iter().filter(|(.., count)| times.buckets.iter().any(|bucket| count(bucket) > 0)).collect();
    let most = times.buckets.iter().flat_map(|bucket| shown.iter().map(move |(.., count)| count(bucket))).max()?;
    let (unit, unit_ms) = unit(most, times.bucket_ms);
    let rate = |count: u64| count as f64 / times.bucket_ms as f64 * unit_ms;
    let (top, step) = scale(rate(most));
    let (right, bottom) = (WIDTH - 4.0, HEIGHT - BELOW);
    let x = |at: usize| LEFT + (right - LEFT) * at as f64 / times.buckets.len() as f64;
    let y = |value: f64| bottom - (bottom - ABOVE) * value / top;

    let names: Vec<&str> = shown.iter().map(|(name, ..)| *name).collect();
    let mut svg = format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Messages a {unit} over time: {}. The most is {} a {unit}.">"#,
        names.join(", "),
        number((rate(most) * 10.0).round() / 10.0)
    );
    let mut line = 0.0;
    while line <= top * 1.001 {
        let class = if line == 0.0 { "axis" } else { "grid" };
        let _ = write!(
            svg,
            r#"<line class="{class}" x1="{LEFT}" x2="{right}" y1="{at:.1}" y2="{at:.1}"/><text x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 10.0,
            y(line) + 4.0,
            number(line),
            at = y(line)
        );
        line += step;
    }
    for (name, class, count) in &shown {
        let mut path = String::new();
        for (at, bucket) in times.buckets.iter().enumerate() {
            let height = y(rate(count(bucket)));
            let begin = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{begin}{:.1} {height:.1}H{:.1}", x(at), x(at + 1));
        }
        if *name == "accepted" {
            let _ = write!(svg, r#"<path class="area" d="{path}V{bottom}H{LEFT}Z"/>"#);
        }
        let _ = write!(svg, r#"<path class="l {class}" d="{path}"/>"#);
    }
    let whole_ms = times.bucket_ms * times.buckets.len() as u64;
    for part in 0..=4_u64 {
        let at = first.at_ms + whole_ms * part / 4;
        let anchor = ["start", "middle", "middle", "middle", "end"][usize::try_from(part).unwrap_or_default()];
        let place = LEFT + (right - LEFT) * part as f64 / 4.0;
        let _ = write!(
            svg,
            r#"<text x="{place:.1}" y="{}" text-anchor="{anchor}">{}</text>"#,
            HEIGHT - 6.0,
            moment(at, whole_ms)
        );
    }
    svg.push_str("</svg>");
    Some(format!("{}{svg}{}{}", hint(unit, first.at_ms, last.at_ms), key(&shown), table(&times, &shown)))
}

/// As exact as makes sense for a drawing that is so long.
fn moment(at_ms: u64, whole_ms: u64) -> String {
    let moment = Moment::of_ms(at_ms);
    match whole_ms {
        0..600_000 => moment.exact_clock(),
        600_000..86_400_000 => moment.clock(),
        86_400_000..432_000_000 => format!("{}, {}", moment.short_day(), moment.clock()),
        _ => moment.short_day(),
    }
}

fn hint(unit: &str, first_ms: u64, last_ms: u64) -> String {
    let (first, last) = (Moment::of_ms(first_ms), Moment::of_ms(last_ms));
    let days = if first.is_same_day(last) { first.day() } else { format!("{} to {}", first.day(), last.day()) };
    format!(r#"<p class="hint">Messages a {unit}, {days}, UTC</p>"#)
}

fn key(shown: &[Line]) -> String {
    let items = shown.iter().map(|(name, class, _)| {
        let colour = match *class {
            "l-good2" => "c-k2",
            "l-good3" => "c-k3",
            "l-bad" => "c-bad",
            _ => "c-good",
        };
        format!(r#"<li><i class="{colour}"></i>{name}</li>"#)
    });
    format!(r#"<ul class="legend key">{}</ul>"#, items.collect::<String>())
}

/// The same in numbers, for those who cannot see the drawing.
fn table(times: &Times, shown: &[Line]) -> String {
    let head: String = shown.iter().map(|(name, ..)| format!(r#"<th scope="col" class="r">{name}</th>"#)).collect();
    let whole_ms = times.bucket_ms * times.buckets.len() as u64;
    let mut rows = String::new();
    for bucket in times.buckets.iter().filter(|bucket| shown.iter().any(|(.., count)| count(bucket) > 0)) {
        let cells: String =
            shown.iter().map(|(.., count)| format!(r#"<td class="r">{}</td>"#, grouped(count(bucket)))).collect();
        let _ = write!(
            rows,
            r#"<tr><th scope="row">{}</th>{cells}</tr>"#,
            moment(bucket.at_ms, whole_ms.min(86_400_000 * 4))
        );
    }
    format!(
        r#"<details><summary>In numbers</summary><div><table><thead><tr><th scope="col">from</th>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_times_are_joined_and_nothing_is_lost() {
        let buckets =
            (0..10_000).map(|at| Bucket { at_ms: 5 + at * 60_000, accepted: 3, read: 1, ..Bucket::default() });
        let joined = joined(&Times { bucket_ms: 60_000, buckets: buckets.collect() });
        assert!(
            joined.buckets.len() <= MOST_STEPS && joined.buckets.len() > MOST_STEPS / 2,
            "{}",
            joined.buckets.len()
        );
        let sum = |count: fn(&Bucket) -> u64| joined.buckets.iter().map(count).sum::<u64>();
        assert_eq!((sum(|bucket| bucket.accepted), sum(|bucket| bucket.read)), (30_000, 10_000));
    }

    #[test]
    fn scales_are_round_and_large_enough() {
        for most in [0.3, 1.0, 7.0, 77.6, 99.0, 250.0, 1_001.0, 123_456.0] {
            let (top, step) = scale(most);
            assert!(
                top >= most && top <= most * 2.1 && (2.0..=5.0).contains(&(top / step).round()),
                "{most}: {top} by {step}"
            );
        }
        assert_eq!(unit(80, 1_000).0, "second");
        assert_eq!(unit(80, 600_000).0, "minute");
    }

    #[test]
    fn nothing_is_drawn_of_nothing_and_one_moment_is_a_step() {
        assert!(render(&Times::default()).is_none());
        let one =
            render(&Times { bucket_ms: 1_000, buckets: vec![Bucket { accepted: 5, ..Bucket::default() }] }).unwrap();
        assert!(one.contains("The most is 5 a second") && !one.contains("NaN") && !one.contains("inf"), "{one}");
    }
}
