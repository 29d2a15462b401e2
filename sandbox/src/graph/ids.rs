//! Ids that look like Meta's.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use fastrand::Rng;

/// Makes ids; with a seed the same ones in each run.
#[derive(Debug)]
pub(crate) struct Ids {
    rng: Rng,
    made: u32,
}

/// The ids of one answer.
#[derive(Debug)]
pub(crate) struct RequestIds {
    /// `x-fb-request-id`, and `fbtrace_id` in errors.
    pub(crate) request: String,
    /// `x-fb-trace-id`.
    pub(crate) trace: String,
    /// `x-fb-debug`.
    pub(crate) debug: String,
}

impl Ids {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { rng: seed.map_or_else(Rng::new, Rng::with_seed), made: 0 }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// A message id: the recipient and 18 hexadecimal digits in a frame, as recorded ids decode. The digits hold a counter, so that
    /// no two are equal.
    pub(crate) fn wamid(&mut self, recipient: &str) -> String {
        let unique = format!("{:010X}", self.rng.u64(..1 << 40));
        self.framed(recipient, [0x15, 0x02, 0x00, 0x11, 0x18, 0x12], &unique)
    }

    /// The id of a message that somebody wrote to the business: the sender, and 20 digits that begin with 3A, as recorded ids
    /// decode.
    pub(crate) fn incoming_wamid(&mut self, sender: &str) -> String {
        let unique = format!("3A{:010X}", self.rng.u64(..1 << 40));
        self.framed(sender, [0x15, 0x02, 0x00, 0x12, 0x18, 0x14], &unique)
    }

    fn framed(&mut self, person: &str, kind: [u8; 6], unique: &str) -> String {
        self.made = self.made.wrapping_add(1);
        let person = &person.as_bytes()[..person.len().min(255)];
        let mut frame = vec![0x1c, 0x18, u8::try_from(person.len()).unwrap_or(u8::MAX)];
        frame.extend_from_slice(person);
        frame.extend_from_slice(&kind);
        frame.extend_from_slice(format!("{unique}{:08X}", self.made).as_bytes());
        frame.push(0);
        format!("wamid.{}", STANDARD.encode(frame))
    }

    /// A number of so many digits: a media id, a challenge.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        std::iter::once(self.rng.char('1'..='9')).chain((1..count).map(|_| self.rng.char('0'..='9'))).collect()
    }

    /// So many capital letters and digits: the code of a QR code.
    pub(crate) fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| self.rng.alphanumeric().to_ascii_uppercase()).collect()
    }

    pub(crate) fn request(&mut self) -> RequestIds {
        let (request, trace, debug) = (self.bytes::<17>(), self.bytes::<8>(), self.bytes::<64>());
        let mut id = String::with_capacity(23);
        id.push('A');
        URL_SAFE_NO_PAD.encode_string(request, &mut id);
        id.truncate(23);
        RequestIds { request: id, trace: STANDARD_NO_PAD.encode(trace), debug: STANDARD.encode(debug) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_recorded_ones() {
        let mut ids = Ids::new(Some(1));
        let wamid = ids.wamid("13437772910");
        let recorded = "wamid.HBgLMTM0Mzc3NzI5MTAVAgARGBJDOEE3RTMxOEIzMzhCQTU4OTYA";
        assert_eq!((wamid.len(), &wamid[..26]), (recorded.len(), &recorded[..26]));
        let incoming = ids.incoming_wamid("16503879439");
        let recorded = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=";
        assert_eq!((incoming.len(), &incoming[..36]), (recorded.len(), &recorded[..36]));
        let request = ids.request();
        assert_eq!((request.request.len(), request.trace.len(), request.debug.len()), (23, 11, 88));
    }

    #[test]
    fn no_two_ids_are_equal_and_a_seed_repeats_them() {
        let (mut ids, mut again, mut other) = (Ids::new(Some(1)), Ids::new(Some(1)), Ids::new(None));
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let id = ids.wamid("15550001234");
            assert_eq!(id, again.wamid("15550001234"));
            assert!(seen.insert(id));
            assert!(seen.insert(other.wamid("15550001234")));
        }
    }
}
