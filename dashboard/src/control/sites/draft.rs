//! What an owner may write about a site, made uniform: host names in lower case and
//! punycode, zones by their IANA name.

use jiff::tz::TimeZone;
use url::Host;

/// Longest host name, in bytes: RFC 1035 section 2.3.4.
const HOST_BYTES_MAX: usize = 253;

/// Further host names of one site, at most.
const HOSTS_MAX: usize = 50;

/// Declared properties of one site, at most: each may become a breakdown.
const PROPS_MAX: usize = 30;

/// Longest name of a property, in bytes.
const PROP_BYTES_MAX: usize = 64;

/// Longest declaration: a name, `=`, and its values or bounds (the collector's
/// `enrich/property.rs`).
const DECLARATION_BYTES_MAX: usize = 1_000;

/// A site about to be added.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    pub domain: String,
    pub time_zone: String,
    pub hosts: Vec<String>,
}

/// A change of a site; what is `None` stays.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub time_zone: Option<String>,
    pub hosts: Option<Vec<String>>,
    pub props: Option<Vec<String>>,
}

/// What is wrong with it, by the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    Domain,
    TimeZone,
    Hosts,
    Props,
}

impl Draft {
    pub fn new(domain: &str, time_zone: &str, hosts: &[String]) -> Result<Draft, Mistake> {
        let domain = host(domain).ok_or(Mistake::Domain)?;
        // `www.example.ru` and `example.ru` are one site, and subdomains count anyway.
        let domain = match domain.strip_prefix("www.") {
            Some(rest) if rest.contains('.') => rest.to_owned(),
            _ => domain,
        };
        Ok(Draft { domain, time_zone: zone(time_zone)?, hosts: all_hosts(hosts)? })
    }
}

impl Change {
    pub fn new(
        time_zone: Option<&str>,
        hosts: Option<&[String]>,
        props: Option<&[String]>,
    ) -> Result<Change, Mistake> {
        Ok(Change {
            time_zone: time_zone.map(zone).transpose()?,
            hosts: hosts.map(all_hosts).transpose()?,
            props: props.map(all_props).transpose()?,
        })
    }
}

/// A host name as a browser would send it. An owner may paste the whole address.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let text = text.split('/').next()?.trim_end_matches('.');
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let whole = name.split('.').all(|label| !label.is_empty());
    let plain =
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_'));
    (whole && plain && name.len() <= HOST_BYTES_MAX).then_some(name)
}

fn zone(text: &str) -> Result<String, Mistake> {
    let zone = TimeZone::get(text.trim()).map_err(|_| Mistake::TimeZone)?;
    zone.iana_name().map(str::to_owned).ok_or(Mistake::TimeZone)
}

fn all_hosts(texts: &[String]) -> Result<Vec<String>, Mistake> {
    let hosts: Option<Vec<String>> = texts.iter().map(|text| host(text)).collect();
    let mut hosts = hosts.filter(|hosts| hosts.len() <= HOSTS_MAX).ok_or(Mistake::Hosts)?;
    hosts.sort_unstable();
    hosts.dedup();
    Ok(hosts)
}

fn all_props(texts: &[String]) -> Result<Vec<String>, Mistake> {
    let mut props: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
    props.sort_unstable();
    props.dedup();
    let fits = |prop: &String| {
        let name = prop.split_once('=').map_or(prop.as_str(), |(name, _)| name).trim_end();
        (1..=PROP_BYTES_MAX).contains(&name.len())
            && prop.len() <= DECLARATION_BYTES_MAX
            && !prop.chars().any(char::is_control)
    };
    if props.len() <= PROPS_MAX && props.iter().all(fits) { Ok(props) } else { Err(Mistake::Props) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain_of(text: &str) -> Result<String, Mistake> {
        Draft::new(text, "Europe/Moscow", &[]).map(|draft| draft.domain)
    }

    #[test]
    fn a_domain_is_lower_case_punycode() {
        assert_eq!(domain_of("Example.RU").unwrap(), "example.ru");
        assert_eq!(domain_of("Мостик.рф").unwrap(), "xn--h1aeeipg.xn--p1ai");
    }

    #[test]
    fn a_pasted_address_is_cut_to_its_domain() {
        assert_eq!(domain_of(" https://www.example.ru/shop/ ").unwrap(), "example.ru");
        assert_eq!(domain_of("www.ru").unwrap(), "www.ru");
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in
            ["", "a b", "127.0.0.1", "[::1]", "a..b", "example.ru:80", "<script>", "\"", &"a.".repeat(130)]
        {
            assert_eq!(domain_of(text), Err(Mistake::Domain), "{text:?}");
        }
    }

    #[test]
    fn a_zone_gets_its_iana_name_or_is_refused() {
        let zone_of = |text: &str| Draft::new("a.ru", text, &[]).map(|draft| draft.time_zone);
        assert_eq!(zone_of("asia/kolkata").unwrap(), "Asia/Kolkata");
        for text in ["", "Moscow", "+03:00", "Europe/Moscow'); --"] {
            assert_eq!(zone_of(text), Err(Mistake::TimeZone), "{text:?}");
        }
    }

    #[test]
    fn hosts_and_props_are_sorted_and_counted_once() {
        let change = Change::new(
            None,
            Some(&["b.ru".into(), "A.ru".into(), "a.ru".into()]),
            Some(&["plan".into(), " plan ".into()]),
        )
        .unwrap();
        assert_eq!(change.hosts.unwrap(), ["a.ru", "b.ru"]);
        assert_eq!(change.props.unwrap(), ["plan"]);
        let too_many: Vec<String> = (0..=PROPS_MAX).map(|n| n.to_string()).collect();
        assert_eq!(Change::new(None, None, Some(&too_many)), Err(Mistake::Props));
    }
}
