//! What is read of a referrer: its host, or the app's id.

use url::{Host, Url};

/// A referrer as far as it is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Referrer {
    /// Lower case, ASCII, no port, no trailing dot; or an app's id.
    pub(super) host: String,
    pub(super) is_app: bool,
}

impl Referrer {
    /// `None` for what names nobody: other schemes, network addresses, `localhost`.
    pub(super) fn read(url: &Url) -> Option<Referrer> {
        let is_app = match url.scheme() {
            "http" | "https" => false,
            "android-app" | "ios-app" => true,
            _ => return None,
        };
        if !is_app && !matches!(url.host()?, Host::Domain(_)) {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() || (!is_app && psl::domain_str(&host).is_none()) {
            return None;
        }
        Some(Referrer { host, is_app })
    }

    /// What stands in the column `referrer`.
    pub(super) fn kept(&self, is_known: bool) -> String {
        if self.is_app || is_known { without_www(&self.host).to_owned() } else { self.domain().to_owned() }
    }

    /// The name of a source we don't know: its domain as its owner writes it.
    pub(super) fn name(&self) -> String {
        if self.is_app {
            return self.host.clone();
        }
        let (name, readable) = idna::domain_to_unicode(self.domain());
        if readable.is_ok() { name } else { self.domain().to_owned() }
    }

    fn domain(&self) -> &str {
        psl::domain_str(&self.host).unwrap_or(&self.host)
    }

    /// What the table is asked, the longest first: the host and its parents, each as it
    /// is and, down to the registrable domain, with `*` for a country's suffix.
    pub(super) fn candidates(&self) -> Vec<String> {
        let suffix = psl::suffix_str(&self.host).unwrap_or_default();
        let domain = self.domain();
        let mut candidates = Vec::new();
        let mut rest = self.host.as_str();
        // Down to two labels: a suffix under which anybody may publish
        // (`translate.goog`) can be a source as well.
        while rest.contains('.') {
            candidates.push(rest.to_owned());
            if is_countrys(suffix) && rest.len() >= domain.len() {
                candidates.push(format!("{}*", rest.strip_suffix(suffix).unwrap_or_default()));
            }
            rest = rest.split_once('.').map_or("", |(_, parent)| parent);
        }
        candidates
    }
}

/// `ru`, `co.uk`, `com.tr`, and `com`, which began as one country's. Under others,
/// such as `shop`, anybody may be a `google`.
fn is_countrys(suffix: &str) -> bool {
    let last = suffix.rsplit('.').next().unwrap_or_default();
    suffix == "com" || last.len() == 2
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<Referrer> {
        Referrer::read(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_is_read_without_port_case_and_trailing_dot() {
        assert_eq!(read("https://WWW.Yandex.RU.:443/search?text=secret").unwrap().host, "www.yandex.ru");
    }

    #[test]
    fn what_names_nobody_is_no_referrer() {
        for url in [
            "http://203.0.113.7/",
            "http://[2001:db8::1]/",
            "http://localhost:3000/",
            "about:blank",
            "file:///home/ivan/a.html",
            "mailto:ivan@mail.ru",
            "data:text/html,x",
            "http://intranet/",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
    }

    #[test]
    fn of_an_unknown_host_the_registrable_domain_is_kept() {
        let unknown = read("https://ivan-petrov.blogs.example.co.uk/").unwrap();
        assert_eq!(unknown.kept(false), "example.co.uk");
    }

    #[test]
    fn a_domain_is_named_as_its_owner_writes_it() {
        assert_eq!(read("https://xn--e1afmkfd.xn--p1ai/").unwrap().name(), "пример.рф");
        assert_eq!(read("https://пример.рф/").unwrap().kept(false), "xn--e1afmkfd.xn--p1ai");
    }

    #[test]
    fn the_longest_candidate_comes_first() {
        assert_eq!(
            read("https://maps.yandex.com.tr/").unwrap().candidates(),
            ["maps.yandex.com.tr", "maps.yandex.*", "yandex.com.tr", "yandex.*", "com.tr"]
        );
        assert_eq!(read("https://google.shop/").unwrap().candidates(), ["google.shop"]);
    }
}
