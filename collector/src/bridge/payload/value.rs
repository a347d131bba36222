//! What a goal is worth, by its rule: nothing, the event's revenue rounded, or a fixed sum.

use store::snapshot::metrika::ValueRule;

use super::Value;

/// One unit of a currency in ten-thousandths.
const UNIT_E4: i64 = 10_000;

/// Why the revenue of an event is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// The rule says nothing.
    NotAsked,
    /// The event had none, or less than one step.
    TooSmall,
    /// It is not in the rule's currency.
    OtherCurrency,
}

pub fn of(rule: &ValueRule, revenue_e4: i64, currency: &str) -> Result<Value, Unsaid> {
    match rule {
        ValueRule::None => Err(Unsaid::NotAsked),
        ValueRule::Fixed { amount_e4, currency } => {
            Ok(Value { amount: decimal(*amount_e4), currency: currency.clone() })
        }
        ValueRule::Event { step_e4, currency: wanted } => {
            if revenue_e4 != 0 && currency != wanted {
                return Err(Unsaid::OtherCurrency);
            }
            let rounded = revenue_e4 - revenue_e4.rem_euclid((*step_e4).max(1));
            if rounded <= 0 {
                return Err(Unsaid::TooSmall);
            }
            Ok(Value { amount: decimal(rounded), currency: wanted.clone() })
        }
    }
}

/// `19900000` is `1990`, `5000` is `0.5`.
fn decimal(e4: i64) -> String {
    let (whole, rest) = (e4 / UNIT_E4, (e4 % UNIT_E4).abs());
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:04}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(step_e4: i64, revenue_e4: i64, currency: &str) -> Result<String, Unsaid> {
        let rule = ValueRule::Event { step_e4, currency: "RUB".into() };
        of(&rule, revenue_e4, currency).map(|value| value.amount + &value.currency)
    }

    #[test]
    fn revenue_is_rounded_down_to_its_step() {
        assert_eq!(said(100_000, 19_994_999, "RUB").unwrap(), "1990RUB");
        assert_eq!(said(100, 5_150, "RUB").unwrap(), "0.51RUB");
        assert_eq!(said(100_000, 99_999, "RUB"), Err(Unsaid::TooSmall));
        assert_eq!(said(100_000, -19_994_999, "RUB"), Err(Unsaid::TooSmall));
    }

    #[test]
    fn another_currency_is_not_said() {
        assert_eq!(said(100, 19_994_999, "XTC"), Err(Unsaid::OtherCurrency));
    }

    #[test]
    fn a_fixed_value_does_not_depend_on_the_event() {
        let rule = ValueRule::Fixed { amount_e4: 1_500_000, currency: "RUB".into() };
        assert_eq!(of(&rule, 77, "USD").unwrap(), Value { amount: "150".into(), currency: "RUB".into() });
        assert_eq!(of(&ValueRule::None, 77, "USD"), Err(Unsaid::NotAsked));
    }
}
