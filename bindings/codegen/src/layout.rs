//! Lines that a formatter would leave alone.

/// Where a generated line of code ends at the latest.
pub(crate) const WIDTH: usize = 100;

/// `head(items)tail` on one line if it fits, else each item on a line of its own, one `step` further in, with a comma
/// after each: what ruff, Prettier and PSR-12 agree on.
pub(crate) fn bracketed(indent: &str, step: &str, head: &str, items: &[String], tail: &str) -> Vec<String> {
    let close = match head.chars().last() {
        Some('[') => ']',
        Some('{') => '}',
        _ => ')',
    };
    let line = format!("{indent}{head}{}{close}{tail}", items.join(", "));
    if items.is_empty() || line.chars().count() <= WIDTH {
        return vec![line];
    }
    let mut lines = vec![format!("{indent}{head}")];
    lines.extend(items.iter().map(|item| format!("{indent}{step}{item},")));
    lines.push(format!("{indent}{close}{tail}"));
    lines
}

/// Each line after `indent`; an empty line stays empty.
pub(crate) fn indented<'a>(
    indent: &'a str,
    lines: impl IntoIterator<Item = String> + 'a,
) -> impl Iterator<Item = String> + 'a {
    lines.into_iter().map(move |line| match line.as_str() {
        "" => line,
        _ => format!("{indent}{line}"),
    })
}

/// A line of a table in Markdown. A bar in a cell would end it.
pub(crate) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_open_when_the_line_is_full() {
        let items = ["a: str".to_string(), "b: int".to_string()];
        assert_eq!(bracketed("    ", "    ", "def f(", &items, " -> None:"), ["    def f(a: str, b: int) -> None:"]);
        let long = ["a".repeat(60), "b".repeat(60)];
        assert_eq!(
            bracketed("", "  ", "f({", &long, ");"),
            ["f({".to_string(), format!("  {},", long[0]), format!("  {},", long[1]), "});".into()]
        );
    }

    #[test]
    fn blank_lines_stay_blank() {
        let lines = ["a".to_string(), String::new()];
        assert_eq!(indented("  ", lines).collect::<Vec<_>>(), ["  a", ""]);
    }
}
