//! The few members of image headers that Meta's limits are about. Pure.

/// What the header of a WebP file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WebP {
    pub(super) is_animated: bool,
    pub(super) width: u32,
    pub(super) height: u32,
}

fn little_endian(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + count)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// The header of a WebP file (RFC 9649, section 2): the first chunk says what follows.
pub(super) fn webp(head: &[u8]) -> Option<WebP> {
    if head.get(..4)? != b"RIFF" || head.get(8..12)? != b"WEBP" {
        return None;
    }
    match head.get(12..16)? {
        b"VP8X" => Some(WebP {
            is_animated: head.get(20)? & 0x02 != 0,
            width: little_endian(head, 24, 3)? + 1,
            height: little_endian(head, 27, 3)? + 1,
        }),
        // Lossy: RFC 6386, section 9.1, behind the start code 9d 01 2a.
        b"VP8 " => Some(WebP {
            is_animated: false,
            width: little_endian(head, 26, 2)? & 0x3fff,
            height: little_endian(head, 28, 2)? & 0x3fff,
        }),
        // Lossless: 14 bits each, behind the signature 2f.
        b"VP8L" => {
            let bits = little_endian(head, 21, 4)?;
            Some(WebP { is_animated: false, width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
        }
        _ => None,
    }
}

/// Whether a PNG has 8 bits a channel and is RGB or RGBA (PNG specification, section 11.2.1). `None` if it is no PNG.
pub(super) fn png_is_rgb8(head: &[u8]) -> Option<bool> {
    if head.get(..8)? != b"\x89PNG\r\n\x1a\n" {
        return None;
    }
    let (depth, color) = (*head.get(24)?, *head.get(25)?);
    Some(depth == 8 && matches!(color, 2 | 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn riff(chunk: &[u8; 4], rest: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        file.extend_from_slice(chunk);
        file.extend_from_slice(&[0; 4]);
        file.extend_from_slice(rest);
        file
    }

    #[test]
    fn the_three_forms_of_webp_say_how_large_they_are_and_whether_they_move() {
        let extended = |flags| riff(b"VP8X", &[flags, 0, 0, 0, 0xff, 1, 0, 0xff, 1, 0]);
        assert_eq!(webp(&extended(0x02)), Some(WebP { is_animated: true, width: 512, height: 512 }));
        assert_eq!(webp(&extended(0x10)), Some(WebP { is_animated: false, width: 512, height: 512 }));
        let lossy = riff(b"VP8 ", &[0, 0, 0, 0x9d, 0x01, 0x2a, 0, 2, 0x2c, 1]);
        assert_eq!(webp(&lossy), Some(WebP { is_animated: false, width: 512, height: 300 }));
        let bits: u32 = 511 | 255 << 14;
        let mut lossless = vec![0x2f];
        lossless.extend_from_slice(&bits.to_le_bytes());
        assert_eq!(webp(&riff(b"VP8L", &lossless)), Some(WebP { is_animated: false, width: 512, height: 256 }));
        assert_eq!(webp(b"RIFF\0\0\0\0WEBPVP8X"), None, "cut off");
        assert_eq!(webp(b"RIFF\0\0\0\0WAVEfmt "), None);
    }

    #[test]
    fn a_png_says_how_it_is_coloured() {
        let png = |depth: u8, color: u8| {
            let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01".to_vec();
            file.extend_from_slice(&[depth, color, 0, 0, 0]);
            file
        };
        assert_eq!((png_is_rgb8(&png(8, 2)), png_is_rgb8(&png(8, 6))), (Some(true), Some(true)));
        assert_eq!((png_is_rgb8(&png(16, 2)), png_is_rgb8(&png(8, 3))), (Some(false), Some(false)));
        assert_eq!(png_is_rgb8(b"\xff\xd8\xff"), None);
    }
}
