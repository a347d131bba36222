//! Metrika's visits ("sessions") of one counter and ClientID, as far as documented
//! (metrika.md sections 1.3 and 10.2): only a page view opens one, an event joins one or
//! is lost, and what arrives before its page view is lost even when its time would fit.

use serde::Serialize;

/// Events of a session, at most; beyond it nothing more is recorded in it.
pub const EVENTS_MAX: usize = 1_000;

/// Goals of a session, at most.
pub const GOALS_MAX: usize = 400;

/// A session ends at this length, in seconds.
pub const DURATION_SECONDS_MAX: i64 = 48 * 3600;

/// An ended session takes events for this long, in seconds.
pub const SUPPLEMENT_SECONDS_MAX: i64 = 12 * 3600;

/// One visit; times in seconds since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    pub start: i64,
    pub last: i64,
    pub events: usize,
    /// Of these, page views.
    pub pages: usize,
    pub goals: usize,
}

/// Why an event joined no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    NoSession,
    SessionFull,
    GoalsFull,
}

/// All sessions of one counter and ClientID.
#[derive(Debug, Default, Serialize)]
pub struct Sessions(pub Vec<Session>);

impl Sessions {
    /// Takes a page view: it joins the session its time falls into, or opens one.
    pub fn pageview(&mut self, et: i64, threshold: i64) {
        match self.around(et, threshold) {
            Some(session) if session.events < EVENTS_MAX => {
                session.events += 1;
                session.pages += 1;
                session.last = session.last.max(et);
            }
            // A full session takes nothing more; the next page view opens another.
            Some(_) | None => self.0.push(Session { start: et, last: et, events: 1, pages: 1, goals: 0 }),
        }
    }

    /// Takes an event that reaches so many goals, if a session is there for it, and gives
    /// the session's start.
    pub fn event(&mut self, et: i64, threshold: i64, now: i64, goals: usize) -> Result<i64, Lost> {
        let session = self.around(et, threshold).ok_or(Lost::NoSession)?;
        if now - session.last > SUPPLEMENT_SECONDS_MAX {
            return Err(Lost::NoSession);
        }
        if session.events >= EVENTS_MAX {
            return Err(Lost::SessionFull);
        }
        if goals > 0 && session.goals + goals > GOALS_MAX {
            return Err(Lost::GoalsFull);
        }
        session.events += 1;
        session.goals += goals;
        session.last = session.last.max(et);
        Ok(session.start)
    }

    /// The session that `et` falls into; of several the one that began last.
    fn around(&mut self, et: i64, threshold: i64) -> Option<&mut Session> {
        let takes = |session: &&mut Session| {
            session.start <= et
                && et <= session.last + threshold
                && et - session.start <= DURATION_SECONDS_MAX
        };
        self.0.iter_mut().filter(takes).max_by_key(|session| session.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: i64 = 1_800;

    #[test]
    fn an_event_without_a_visit_is_lost() {
        let mut sessions = Sessions::default();
        assert_eq!(sessions.event(1_000, THRESHOLD, 1_000, 1), Err(Lost::NoSession));
        sessions.pageview(1_000, THRESHOLD);
        assert_eq!(sessions.event(1_001, THRESHOLD, 1_001, 1), Ok(1_000));
    }

    #[test]
    fn an_event_before_its_visits_start_is_lost() {
        let mut sessions = Sessions::default();
        sessions.pageview(1_000, THRESHOLD);
        assert_eq!(sessions.event(999, THRESHOLD, 1_000, 1), Err(Lost::NoSession));
    }

    #[test]
    fn a_visit_ends_after_its_threshold_and_a_page_view_opens_the_next() {
        let mut sessions = Sessions::default();
        sessions.pageview(0, THRESHOLD);
        assert_eq!(sessions.event(1_801, THRESHOLD, 1_801, 1), Err(Lost::NoSession));
        assert_eq!(sessions.event(1_800, THRESHOLD, 1_801, 1), Ok(0));
        sessions.pageview(3_601, THRESHOLD);
        assert_eq!(sessions.0.len(), 2);
    }

    #[test]
    fn an_earlier_page_view_opens_a_session_of_its_own() {
        let mut sessions = Sessions::default();
        sessions.pageview(10_000, THRESHOLD);
        sessions.pageview(9_000, THRESHOLD);
        assert_eq!(sessions.0.len(), 2);
        sessions.event(10_001, THRESHOLD, 10_001, 1).unwrap();
        assert_eq!((sessions.0[0].goals, sessions.0[1].goals), (1, 0), "the later session has it");
    }

    #[test]
    fn a_visit_that_ended_twelve_hours_ago_takes_nothing_more() {
        let mut sessions = Sessions::default();
        sessions.pageview(0, THRESHOLD);
        let late = SUPPLEMENT_SECONDS_MAX + 1;
        assert_eq!(sessions.event(1, THRESHOLD, late, 1), Err(Lost::NoSession));
        assert_eq!(sessions.event(1, THRESHOLD, late - 1, 1), Ok(0));
    }

    #[test]
    fn a_visit_ends_at_48_hours_however_busy_it_is() {
        let mut sessions = Sessions::default();
        for et in (0..=DURATION_SECONDS_MAX).step_by(1_800) {
            sessions.pageview(et, THRESHOLD);
        }
        assert_eq!(sessions.0.len(), 1);
        sessions.pageview(DURATION_SECONDS_MAX + 1, THRESHOLD);
        assert_eq!(sessions.0.len(), 2);
    }

    #[test]
    fn goals_and_events_of_a_visit_have_their_limits() {
        let mut sessions = Sessions::default();
        sessions.pageview(0, THRESHOLD);
        for _ in 0..GOALS_MAX {
            sessions.event(1, THRESHOLD, 1, 1).unwrap();
        }
        assert_eq!(sessions.event(1, THRESHOLD, 1, 1), Err(Lost::GoalsFull));
        for _ in GOALS_MAX + 1..EVENTS_MAX {
            sessions.event(1, THRESHOLD, 1, 0).unwrap();
        }
        assert_eq!(sessions.event(1, THRESHOLD, 1, 0), Err(Lost::SessionFull));
        sessions.pageview(1, THRESHOLD);
        assert_eq!(sessions.0.len(), 2, "the next page view opens a new visit");
    }
}
