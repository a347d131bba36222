//! Looks at a site for what would keep its events from coming: the script is not on the page, the
//! page's policy forbids it, the collector cannot be reached where the script looks for it, or the
//! proxy before it hides every visitor behind one address. Asked for by the owner, one page at a
//! time.

mod fetch;
mod outside;
mod page;
mod policy;

use serde::Deserialize;
use url::Url;

use crate::{control::sites::Site, finding::Finding};

use fetch::Fetched;
pub use fetch::Fetcher;
use page::{Script, Ways};

/// A page whose host is none of the site's.
#[derive(Debug, PartialEq, Eq)]
pub struct NotOfTheSite;

/// How the collector says that a request came (docs/wire-v1.md).
#[derive(Deserialize)]
struct Route {
    told: bool,
    ignored: bool,
    local: bool,
}

/// The page to look at: the one that is named, or the site's front page.
pub fn page_of(site: &Site, named: Option<&str>) -> Result<Url, NotOfTheSite> {
    let front = format!("https://{}/", site.domain);
    let page = Url::parse(named.unwrap_or(&front)).map_err(|_| NotOfTheSite)?;
    let is_web = matches!(page.scheme(), "http" | "https") && page.username().is_empty();
    if is_web && page.host_str().is_some_and(|host| is_of(site, host)) { Ok(page) } else { Err(NotOfTheSite) }
}

/// As the collector sees it: the domain, below it, or named.
fn is_of(site: &Site, host: &str) -> bool {
    let below = |of: &str| host.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
    host == site.domain || below(&site.domain) || site.hosts.iter().any(|named| named == host)
}

/// Everything that can be looked at; what depends on a page that was not read is left out.
pub async fn look(fetcher: &Fetcher, site: &Site, page: Url) -> Vec<Finding> {
    let is_ours = |host: &str| is_of(site, host);
    let (page, collector) = tokio::join!(fetcher.page(page, &is_ours), collector(fetcher));
    let mut findings = match page {
        Ok(fetched) => of_page(&fetched, site, fetcher.collector()),
        Err(unfetched) => vec![Finding::new("page_read", unfetched.found())],
    };
    findings.extend(collector);
    findings
}

fn of_page(fetched: &Fetched, site: &Site, collector: &Url) -> Vec<Finding> {
    let seen = page::read(&fetched.body);
    let script = seen.script(&fetched.url, site, collector, |host| is_of(site, host));
    let mut findings = vec![Finding::new("page_read", vec![]), Finding::new("script_there", script.found())];
    let ways = match script {
        Script::Tag(ways) => Some(ways),
        // Whatever puts it there will put the one of the set-up.
        Script::Named | Script::OfAnother(_) | Script::Missing => Ways::of(collector),
    };
    if let Some(ways) = ways {
        let plain: Vec<String> = [&ways.script, &ways.events]
            .into_iter()
            .filter(|url| fetched.url.scheme() == "https" && url.scheme() == "http")
            .map(|url| url.origin().ascii_serialization())
            .take(1)
            .collect();
        findings.push(Finding::new("over_tls", plain));
        let missing = policy::missing(&fetched.policies, &seen.policies, &fetched.url, &ways);
        findings.push(Finding::new("policy_allows", missing));
    }
    findings
}

async fn collector(fetcher: &Fetcher) -> Vec<Finding> {
    // A proxy that passes the script on and nothing else loses every event.
    let (script, route) = tokio::join!(fetcher.of_collector("i.js"), fetcher.of_collector("api/route"));
    let script = match script {
        Ok(answer) if answer.is_script() => vec![],
        Ok(_) => vec!["another".to_owned()],
        Err(unfetched) => unfetched.found(),
    };
    let route = match route.map(|answer| serde_json::from_slice::<Route>(&answer.body)) {
        Ok(Ok(Route { ignored: true, .. })) => vec!["ignored".to_owned()],
        // A proxy that tells nobody's address: unless the collector itself is in a local network.
        Ok(Ok(Route { told: false, local: true, .. })) if !outside::is_local(fetcher.collector()) => {
            vec!["untold".to_owned()]
        }
        Ok(Ok(_)) => vec![],
        Ok(Err(_)) => vec!["another".to_owned()],
        Err(unfetched) => unfetched.found(),
    };
    vec![Finding::new("collector_answers", script), Finding::new("visitors_told_apart", route)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::goals::Goals;

    fn site() -> Site {
        Site {
            id: 1,
            uuid: String::new(),
            domain: "example.ru".into(),
            time_zone: "UTC".into(),
            hosts: vec!["shop.test".into()],
            props: vec![],
            created_at: 0,
            goals: Goals::default(),
        }
    }

    #[test]
    fn only_pages_of_the_site_are_looked_at() {
        let of = |named| page_of(&site(), named).map(String::from);
        assert_eq!(of(None).unwrap(), "https://example.ru/");
        for good in ["http://example.ru:8080/a?b", "https://www.example.ru/", "https://shop.test/x"] {
            assert_eq!(of(Some(good)).unwrap(), good);
        }
        for bad in [
            "https://notexample.ru/",
            "https://www.shop.test/",
            "https://169.254.169.254/",
            "file:///etc/passwd",
            "https://someone@example.ru/",
            "example.ru",
            "",
        ] {
            assert_eq!(of(Some(bad)), Err(NotOfTheSite), "{bad}");
        }
    }
}
