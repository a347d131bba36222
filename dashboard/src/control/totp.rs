//! One-time codes by the clock (RFC 6238): HMAC-SHA-1, six digits, steps of thirty seconds,
//! which is what every authenticator application understands without being told.

use ring::hmac;

/// Bytes of a secret: RFC 4226 section 4 asks for 160 bits.
pub const SECRET_BYTES: usize = 20;

/// Seconds of one step.
const STEP_SECONDS: i64 = 30;

/// Steps that a clock may be off, either way: RFC 6238 section 5.2 allows for one.
const STEPS_OFF: i64 = 1;

const DIGITS: usize = 6;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A shared secret. No `Debug`: it makes every code.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    pub fn random() -> TotpSecret {
        let mut bytes = [0; SECRET_BYTES];
        crate::token::fill_random(&mut bytes);
        TotpSecret(bytes)
    }

    /// As it is typed into an application (RFC 4648 base 32): 160 bits are 32 letters, no padding.
    pub fn base32(&self) -> String {
        let mut text = String::with_capacity(32);
        for five in self.0.chunks(5) {
            let number = five.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                text.push(char::from(ALPHABET[(number >> (5 * place) & 31) as usize]));
            }
        }
        text
    }

    pub fn from_base32(text: &str) -> Option<TotpSecret> {
        let letters: Vec<u64> = text
            .bytes()
            .filter(|letter| !letter.is_ascii_whitespace())
            .map(|letter| ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase()))
            .map(|place| place.map(|place| place as u64))
            .collect::<Option<_>>()?;
        let mut bytes = [0; SECRET_BYTES];
        if letters.len() != SECRET_BYTES / 5 * 8 {
            return None;
        }
        for (eight, five) in letters.chunks(8).zip(bytes.chunks_mut(5)) {
            let number = eight.iter().fold(0, |number, letter| number << 5 | letter);
            five.copy_from_slice(&number.to_be_bytes()[3..]);
        }
        Some(TotpSecret(bytes))
    }

    /// What an application reads from the picture.
    pub fn address(&self, email: &str) -> String {
        let email: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
        format!("otpauth://totp/Mostik:{email}?secret={}&issuer=Mostik", self.base32())
    }

    /// The step whose code it is, if it is later than `used`: no code is taken twice.
    pub fn step_of(&self, code: &str, now: i64, used: Option<i64>) -> Option<i64> {
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let current = now.div_euclid(STEP_SECONDS);
        let mut found = None;
        // Every step is compared, whichever fits.
        for step in current - STEPS_OFF..=current + STEPS_OFF {
            let fits = subtle::ConstantTimeEq::ct_eq(self.code(step).as_bytes(), code.as_bytes());
            if bool::from(fits) && used.is_none_or(|used| step > used) {
                found = Some(step);
            }
        }
        found
    }

    /// The code of one step (RFC 4226 section 5.3).
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let at = usize::from(bytes[19] & 15);
        let word = u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        format!("{:0DIGITS$}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(rfc().code(seconds / STEP_SECONDS), code);
        }
    }

    #[test]
    fn a_code_is_good_for_a_minute_and_a_half_and_once() {
        let now = 1_234_567_890;
        let step = now / STEP_SECONDS;
        assert_eq!(rfc().step_of(" 005 924 ", now, None), Some(step));
        for off in [-30, 30] {
            assert_eq!(rfc().step_of("005924", now + off, None), Some(step), "{off}");
        }
        for off in [-60, 60] {
            assert_eq!(rfc().step_of("005924", now + off, None), None, "{off}");
        }
        assert_eq!(rfc().step_of("005924", now, Some(step)), None);
        assert_eq!(rfc().step_of("", now, None), None);
    }

    #[test]
    fn a_secret_is_written_and_read_back() {
        assert_eq!(rfc().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(TotpSecret::from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq") == Some(rfc()));
        for wrong in ["", "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(TotpSecret::from_base32(wrong).is_none(), "{wrong}");
        }
        let secret = TotpSecret::random();
        assert!(TotpSecret::from_base32(&secret.base32()) == Some(secret));
    }
}
