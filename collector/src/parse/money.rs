//! Revenue as sent: a decimal, never a float of ours.

use serde::Deserialize;
use serde_json::Value;

use crate::refusal::Refusal;

/// Decimals kept: `Decimal64(4)` in the table.
const SCALE: u32 = 4;

#[derive(Deserialize)]
pub(super) struct RawMoney {
    amount: Value,
    currency: String,
}

/// An amount in ten-thousandths and an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub amount_e4: i64,
    pub currency: String,
}

impl RawMoney {
    pub(super) fn read(self) -> Result<Money, Refusal> {
        let text = match self.amount {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return Err(Refusal::BadField),
        };
        let is_code = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_alphabetic());
        match decimal_e4(text.trim()) {
            Some(amount_e4) if is_code => {
                Ok(Money { amount_e4, currency: self.currency.to_ascii_uppercase() })
            }
            _ => Err(Refusal::BadField),
        }
    }
}

/// `10.5` gives 105,000. Further decimals than four are cut, never rounded up.
fn decimal_e4(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("0000".chars()).take(SCALE as usize).collect();
    let value =
        whole.parse::<i64>().ok()?.checked_mul(10_i64.pow(SCALE))?.checked_add(fraction.parse().ok()?)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimals() {
        for (text, want) in [
            ("10.5", Some(105_000)),
            ("-3", Some(-30_000)),
            ("0.00019", Some(1)),
            ("1e3", None),
            (".5", None),
            ("", None),
            ("99999999999999999999", None),
            ("922337203685477.5808", None),
        ] {
            assert_eq!(decimal_e4(text), want, "{text}");
        }
    }
}
