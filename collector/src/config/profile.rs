//! Named profiles: settings that belong together because of what they promise. A setting
//! that contradicts its profile is a mistake, and the collector does not start.

use crate::privacy::Precision;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// No visitor and no visit is told from another: nothing is made from the address but a
    /// country. For places where that is all that needs no consent.
    Counter,
    /// As the audience-measurement exemptions of CNIL, AEPD and PECR ask: numbers for at
    /// most a day, from the wider network alone.
    Exempt,
    #[default]
    Default,
}

impl Profile {
    /// As the configuration file calls it.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Counter => "counter",
            Profile::Exempt => "exempt",
            Profile::Default => "default",
        }
    }

    /// Whether visitors and visits have numbers.
    pub fn has_numbers(self) -> bool {
        match self {
            Profile::Counter => false,
            Profile::Exempt | Profile::Default => true,
        }
    }
}

/// The profile and the precision as written, settled together.
pub fn settle(
    profile: Option<&str>,
    precision: Option<&str>,
    mistakes: &mut Vec<String>,
) -> (Profile, Precision) {
    let profile = match profile {
        None | Some("default") => Profile::Default,
        Some("exempt") => Profile::Exempt,
        Some("counter") => Profile::Counter,
        Some(other) => {
            mistakes.push(format!("collector.profile = {other:?}: one of counter, exempt, default"));
            Profile::Default
        }
    };
    let named = match precision {
        None => None,
        Some("version") => Some(Precision::Version),
        Some("class") => Some(Precision::Class),
        Some("strict") => Some(Precision::Strict),
        Some(other) => {
            mistakes.push(format!("collector.precision = {other:?}: one of version, class, strict"));
            Some(Precision::Strict)
        }
    };
    let precision = match (profile, named) {
        (Profile::Default, named) => named.unwrap_or_default(),
        (Profile::Exempt, None | Some(Precision::Strict)) | (Profile::Counter, None) => Precision::Strict,
        (Profile::Exempt, Some(Precision::Version | Precision::Class)) => {
            mistakes.push(
                "collector.precision: the profile \"exempt\" has \"strict\"; remove the line, or choose another profile"
                    .to_owned(),
            );
            Precision::Strict
        }
        (Profile::Counter, Some(_)) => {
            mistakes.push(
                "collector.precision: the profile \"counter\" tells nobody apart; remove the line, or choose another profile"
                    .to_owned(),
            );
            Precision::Strict
        }
    };
    (profile, precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(profile: Option<&str>, precision: Option<&str>) -> Result<(Profile, Precision), usize> {
        let mut mistakes = Vec::new();
        let settled = settle(profile, precision, &mut mistakes);
        if mistakes.is_empty() { Ok(settled) } else { Err(mistakes.len()) }
    }

    #[test]
    fn a_profile_brings_its_precision() {
        assert_eq!(check(None, None), Ok((Profile::Default, Precision::Version)));
        assert_eq!(check(None, Some("class")), Ok((Profile::Default, Precision::Class)));
        assert_eq!(check(Some("exempt"), None), Ok((Profile::Exempt, Precision::Strict)));
        assert_eq!(check(Some("exempt"), Some("strict")), Ok((Profile::Exempt, Precision::Strict)));
        assert_eq!(check(Some("counter"), None), Ok((Profile::Counter, Precision::Strict)));
    }

    #[test]
    fn a_setting_that_contradicts_its_profile_is_refused() {
        for (profile, precision) in
            [("exempt", "version"), ("exempt", "class"), ("counter", "strict"), ("counter", "version")]
        {
            assert_eq!(check(Some(profile), Some(precision)), Err(1), "{profile} {precision}");
        }
        assert_eq!(check(Some("anonymous"), Some("exact")), Err(2));
    }
}
