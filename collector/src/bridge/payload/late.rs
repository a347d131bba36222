//! What leaves of a late goal: one line of a file, and of it the number of the visit alone,
//! never a number of a user, of a click or of a purchase.

use super::Value;

/// A goal as a line will say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateGoal {
    pub cid: u64,
    pub goal: String,
    pub et: i64,
    pub value: Option<Value>,
}

/// The columns of a file. A goal with a sum and one without go in different files: whether an
/// empty sum is taken is documented nowhere.
const COLUMNS: &str = "ClientId,Target,DateTime\n";
const COLUMNS_WITH_VALUE: &str = "ClientId,Target,DateTime,Price,Currency\n";

/// Longest line, in bytes: 20 digits, a goal's 64, 11 and 17 digits, a currency, four commas
/// and the end.
pub const LINE_BYTES_MAX: usize = 128;

/// The whole file. All of `goals` have a value, or none has.
pub fn file(goals: &[LateGoal]) -> String {
    let is_valued = goals.first().is_some_and(|goal| goal.value.is_some());
    let columns = if is_valued { COLUMNS_WITH_VALUE } else { COLUMNS };
    goals.iter().fold(columns.to_owned(), |file, goal| file + &goal.line())
}

impl LateGoal {
    fn line(&self) -> String {
        // Digits, an identifier of letters, digits and `_.-`, three capital letters: nothing
        // that CSV would have to quote.
        let value = self.value.as_ref().map(|value| format!(",{},{}", value.amount, value.currency));
        format!("{},{},{}{}\n", self.cid, self.goal, self.et, value.unwrap_or_default())
    }

    /// Names the line in the audit log. The random cid within keeps it from being guessed.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.line().as_bytes()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(value: Option<Value>) -> LateGoal {
        LateGoal { cid: 1_768_350_268_232_845_118, goal: "srv_order".into(), et: 1_768_470_000, value }
    }

    #[test]
    fn a_file_is_these_columns_and_no_other() {
        assert_eq!(
            file(&[goal(None), goal(None)]),
            "ClientId,Target,DateTime\n1768350268232845118,srv_order,1768470000\n\
             1768350268232845118,srv_order,1768470000\n"
        );
        let value = Value { amount: "1990.5".into(), currency: "RUB".into() };
        assert_eq!(
            file(&[goal(Some(value))]),
            "ClientId,Target,DateTime,Price,Currency\n1768350268232845118,srv_order,1768470000,1990.5,RUB\n"
        );
    }

    #[test]
    fn the_longest_line_fits_its_limit() {
        let value = Value { amount: "999999999.9999".into(), currency: "RUB".into() };
        let longest =
            LateGoal { cid: u64::MAX, goal: "g".repeat(64), et: 32_503_679_999, value: Some(value) };
        assert!(longest.line().len() <= LINE_BYTES_MAX, "{}", longest.line().len());
    }
}
