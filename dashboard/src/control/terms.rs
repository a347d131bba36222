//! What a token and a link have in common: a name by which their maker knows them, and how
//! long they live.

/// Longest name, in characters.
pub(super) const NAME_CHARS_MAX: usize = 80;

/// Longest life that can be asked for, in days; none at all is for ever.
pub(super) const LIFE_DAYS_MAX: u32 = 3_650;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Name,
    Life,
}

pub(super) struct Terms {
    pub(super) name: String,
    life_seconds: Option<i64>,
}

impl Terms {
    pub(super) fn new(name: &str, life_days: Option<u32>) -> Result<Terms, Unfit> {
        let name = name.trim();
        let is_plain = name.chars().all(|letter| !letter.is_control());
        if name.is_empty() || !is_plain || name.chars().count() > NAME_CHARS_MAX {
            return Err(Unfit::Name);
        }
        if life_days.is_some_and(|days| days == 0 || days > LIFE_DAYS_MAX) {
            return Err(Unfit::Life);
        }
        let life_seconds = life_days.map(|days| i64::from(days) * 24 * 60 * 60);
        Ok(Terms { name: name.to_owned(), life_seconds })
    }

    /// When it ends, of one that is made now; `None`: when it is ended.
    pub(super) fn expires_at(&self, now: i64) -> Option<i64> {
        self.life_seconds.map(|life| now + life)
    }
}
