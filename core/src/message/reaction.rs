//! An emoji on a message.

use serde::{Deserialize, Serialize};

use super::MessageId;
use super::content::Checked;
use super::limits;
use super::violation::{Checker, Rule};

/// Graph's `reaction` object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// The message that is reacted to.
    pub message_id: MessageId,
    /// One emoji; none takes the reaction back.
    pub emoji: String,
}

impl Checked for Reaction {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.message_id.check(checker, "message_id");
        if self.emoji.is_empty() {
            return;
        }
        if !is_one_emoji(&self.emoji) {
            checker.refuse_at("emoji", Rule::Format, "must be one emoji such as 👍, or empty to take it back");
        }
    }
}

/// Letters that Unicode has as emoji, too (emoji-data.txt: Emoji=Yes and Alphabetic=Yes).
const LETTERS: &[char] = &['ℹ', 'Ⓜ', '🅰', '🅱', '🅾', '🅿'];

/// Whether it looks like one emoji. Which sequences are one changes with every version of Unicode, so this does not know
/// them: it counts what is joined, and refuses what people give by mistake (`:+1:`, `ok`, two emoji).
fn is_one_emoji(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > limits::EMOJI {
        return false;
    }
    // A keycap is a digit, # or * with a frame around it.
    if matches!(chars[..], [c, '\u{fe0f}', '\u{20e3}'] | [c, '\u{20e3}'] if c.is_ascii_digit() || matches!(c, '#' | '*'))
    {
        return true;
    }
    let is_tone = |c: char| matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    let is_base =
        |c: char| !is_tone(c) && !c.is_ascii() && !c.is_whitespace() && (!c.is_alphabetic() || LETTERS.contains(&c));
    let (mut bases, mut flags, mut joined) = (0, 0, false);
    for c in chars {
        match c {
            '\u{200d}' => joined = true,
            // Variation, skin tone, and the letters of a region's flag.
            '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' if bases > 0 => {}
            '\u{1f1e6}'..='\u{1f1ff}' => flags += 1,
            c if is_base(c) => {
                bases += usize::from(!joined);
                joined = false;
            }
            _ => return false,
        }
    }
    matches!((bases, flags), (1, 0) | (0, 2))
}

#[cfg(test)]
mod tests {
    use super::is_one_emoji;

    #[test]
    fn one_emoji_is_one_however_it_is_made() {
        for emoji in ["👍", "❤️", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇦🇹", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "#️⃣", "ℹ️", "🅰️", "©️", "㊗️", "😀", "🫱🏻‍🫲🏿"]
        {
            assert!(is_one_emoji(emoji), "{emoji}");
        }
        for text in [":+1:", "+1", "<3", ":)", "5", "ok", "👍👍", "😀!", "👍 ", "é", "日", "🇦🇹🇩🇪", "🏽", "x👍"]
        {
            assert!(!is_one_emoji(text), "{text}");
        }
    }
}
