//! TypeScript values, broken over lines where a formatter would break them.

use crate::layout::WIDTH;

use super::STEP;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    /// A name.
    Name(String),
    /// Text in quotes; core's names have none in them.
    Text(String),
    /// A function's result.
    Call(&'static str, Vec<Expression>),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `{ a: b }`
    Object(Vec<(String, Expression)>),
}

impl Expression {
    /// `head` and the value, broken if the line would be too long.
    pub(super) fn lines(&self, indent: &str, head: &str, tail: &str) -> Vec<String> {
        let line = format!("{indent}{head}{}{tail}", self.in_one_line());
        if line.chars().count() <= WIDTH {
            return vec![line];
        }
        let deeper = format!("{indent}{STEP}");
        let (open, inner, close): (_, Vec<String>, _) = match self {
            Expression::Name(_) | Expression::Text(_) => return vec![line],
            Expression::Call(function, arguments) => {
                // The last object of a call opens on the call's own line.
                if let [only] = arguments.as_slice() {
                    return only.lines(indent, &format!("{head}{function}("), &format!("){tail}"));
                }
                let lines = arguments.iter().flat_map(|argument| argument.lines(&deeper, "", ","));
                (format!("{function}("), lines.collect(), ")")
            }
            Expression::List(items) => {
                let lines = items.iter().flat_map(|item| item.lines(&deeper, "", ","));
                ("[".into(), lines.collect(), "]")
            }
            Expression::Object(members) => {
                let lines = members.iter().flat_map(|(name, value)| value.member(&deeper, name));
                ("{".into(), lines.collect(), "}")
            }
        };
        let mut lines = vec![format!("{indent}{head}{open}")];
        lines.extend(inner);
        lines.push(format!("{indent}{close}{tail}"));
        lines
    }

    fn member(&self, indent: &str, name: &str) -> Vec<String> {
        match self {
            Expression::Name(value) if value == name => vec![format!("{indent}{name},")],
            _ => self.lines(indent, &format!("{name}: "), ","),
        }
    }

    fn in_one_line(&self) -> String {
        let join = |items: &[Expression]| {
            let items: Vec<_> = items.iter().map(Expression::in_one_line).collect();
            items.join(", ")
        };
        match self {
            Expression::Name(name) => name.clone(),
            Expression::Text(text) => format!("'{text}'"),
            Expression::Call(function, arguments) => format!("{function}({})", join(arguments)),
            Expression::List(items) => format!("[{}]", join(items)),
            Expression::Object(members) if members.is_empty() => "{}".into(),
            Expression::Object(members) => {
                let members = members.iter().map(|(name, value)| match value {
                    Expression::Name(value) if value == name => name.clone(),
                    _ => format!("{name}: {}", value.in_one_line()),
                });
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_breaks_at_its_outermost_brackets() {
        let object = |count: usize| {
            let name = |index| format!("member{index}");
            let members = (0..count).map(|index| (name(index), Expression::Text(name(index))));
            Expression::Object(members.collect())
        };
        let call = Expression::Call("struct", vec![object(2)]);
        let line = "const x = struct({ member0: 'member0', member1: 'member1' })";
        assert_eq!(call.lines("", "const x = ", ""), [line]);

        let call = Expression::Call("struct", vec![object(5)]);
        let lines = call.lines("", "const x = ", "");
        assert_eq!(lines[..2], ["const x = struct({", "  member0: 'member0',"]);
        assert_eq!(lines[6], "})");

        let call = Expression::Call("struct", vec![object(5), object(1)]);
        let lines = call.lines("", "", "");
        assert_eq!(lines[..2], ["struct(", "  {"]);
        assert_eq!(lines[8..], ["  { member0: 'member0' },", ")"]);
    }
}
