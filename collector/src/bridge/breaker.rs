//! Stops sending to a destination whose answers say that it makes no sense. One breaker per
//! destination, so that others go on. Pure: it is told the time.

use super::answer::Class;

/// So many unknown bodies in a row mean that somebody else answers.
const UNVERIFIED_MAX: u32 = 10;

/// So many final refusals in a row, with nothing accepted between, mean that we are wrong.
const REJECTED_MAX: u32 = 5;

/// First rest of an open breaker, in seconds; it doubles up to the longest.
const REST_SECONDS_FIRST: i64 = 60;
const REST_SECONDS_MAX: i64 = 900;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    Closed,
    /// Until then nothing leaves; afterwards one request, the oldest.
    Until(i64),
    /// The token is refused: until then, or until the owner changes the settings.
    Denied(i64),
}

/// One destination's.
#[derive(Debug, Clone)]
pub struct Breaker {
    pub open: Open,
    unverified: u32,
    rejected: u32,
    rest_seconds: i64,
    is_probing: bool,
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker {
            open: Open::Closed,
            unverified: 0,
            rejected: 0,
            rest_seconds: REST_SECONDS_FIRST,
            is_probing: false,
        }
    }
}

impl Breaker {
    /// Whether a request may go now; an open breaker whose rest is over lets one go.
    pub fn admits(&self, now: i64) -> bool {
        match self.open {
            Open::Closed => true,
            Open::Until(until) | Open::Denied(until) => now >= until && !self.is_probing,
        }
    }

    /// A request goes.
    pub fn went(&mut self) {
        self.is_probing = self.open != Open::Closed;
    }

    pub fn saw(&mut self, class: Class, now: i64) {
        self.is_probing = false;
        match class {
            Class::Accepted => *self = Breaker::default(),
            Class::Unverified => {
                self.unverified += 1;
                self.rejected = 0;
                if self.unverified >= UNVERIFIED_MAX || self.open != Open::Closed {
                    self.rest(now);
                }
            }
            Class::Rejected(_) => {
                self.rejected += 1;
                if self.rejected >= REJECTED_MAX || self.open != Open::Closed {
                    self.rest(now);
                }
            }
            Class::Denied => self.open = Open::Denied(now + REST_SECONDS_MAX),
            Class::Safe | Class::Ambiguous | Class::Busy(_) | Class::Broken(_) => {
                if self.open != Open::Closed {
                    self.rest(now);
                }
            }
        }
    }

    fn rest(&mut self, now: i64) {
        self.open = Open::Until(now + self.rest_seconds);
        self.rest_seconds = (self.rest_seconds * 2).min(REST_SECONDS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Class = Class::Rejected("refused");

    fn after(classes: &[Class]) -> Breaker {
        let mut breaker = Breaker::default();
        classes.iter().for_each(|&class| breaker.saw(class, 0));
        breaker
    }

    #[test]
    fn five_refusals_in_a_row_open_it_and_one_acceptance_between_does_not() {
        assert!(after(&[REFUSED; 4]).admits(0));
        assert!(!after(&[REFUSED; 5]).admits(0));
        assert!(after(&[REFUSED, REFUSED, REFUSED, REFUSED, Class::Accepted, REFUSED]).admits(0));
    }

    #[test]
    fn ten_unknown_bodies_in_a_row_open_it() {
        assert!(after(&[Class::Unverified; 9]).admits(0));
        assert!(!after(&[Class::Unverified; 10]).admits(0));
    }

    #[test]
    fn after_its_rest_one_request_goes_and_its_answer_decides() {
        let mut breaker = after(&[REFUSED; 5]);
        assert!(!breaker.admits(59));
        assert!(breaker.admits(60));
        breaker.went();
        assert!(!breaker.admits(60), "one probe at a time");
        breaker.saw(REFUSED, 60);
        assert!(!breaker.admits(179), "the rest has doubled");
        assert!(breaker.admits(180));
        breaker.went();
        breaker.saw(Class::Accepted, 180);
        assert!(breaker.admits(180));
    }

    #[test]
    fn a_denied_destination_waits_for_its_owner_and_looks_now_and_then() {
        let breaker = after(&[Class::Denied]);
        assert!(!breaker.admits(REST_SECONDS_MAX - 1));
        assert!(breaker.admits(REST_SECONDS_MAX));
    }

    #[test]
    fn rests_do_not_grow_beyond_their_longest() {
        let mut breaker = after(&[REFUSED; 5]);
        for round in 0..20 {
            breaker.saw(REFUSED, round * 10_000);
        }
        assert_eq!(breaker.open, Open::Until(190_000 + REST_SECONDS_MAX));
    }
}
