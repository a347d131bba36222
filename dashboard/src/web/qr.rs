//! A QR code as one path of SVG, so that the page can draw it in its own colours.

use qrcodegen::{QrCode, QrCodeEcc};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Picture {
    /// Modules along one side.
    size: i32,
    /// Runs of dark modules, one unit each: the `d` of a path.
    path: String,
}

impl Picture {
    /// `text` is short: a name, an address and a secret.
    pub(super) fn of(text: &str) -> Picture {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium)
            .expect("far below the 2,331 bytes of the largest code");
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let length = (x..code.size()).take_while(|&x| code.get_module(x, y)).count() as i32;
                if length > 0 {
                    path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                x += length.max(1);
            }
        }
        Picture { size: code.size(), path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_corners_are_drawn() {
        let Picture { size, path } =
            Picture::of("otpauth://totp/Mostik:a@b.ru?secret=GEZDGNBVGY3TQOJQ&issuer=Mostik");
        for corner in [
            "M0 0h7v1h-7z".to_owned(),
            format!("M{} 0h7v1h-7z", size - 7),
            format!("M0 {}h7v1h-7z", size - 7),
        ] {
            assert!(path.contains(&corner), "{corner}");
        }
    }
}
