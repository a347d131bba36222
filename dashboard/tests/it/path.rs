//! The dashboard under a path of somebody's site, behind a proxy that takes the path off or
//! leaves it on.

use serde_json::json;

use crate::harness::{EMAIL, Owner, PASSWORD};

const URL: &str = "https://example.test/stats";

#[tokio::test]
async fn the_page_names_its_files_under_the_path_and_says_it_to_its_script() {
    let owner = Owner::at(URL).await;
    let root = Owner::nobody().await;
    let page = async |owner: &Owner| String::from_utf8(owner.get("/").await.body.to_vec()).unwrap();
    let built = page(&root).await;
    assert!(!built.contains("data-base"));
    let under = page(&owner).await;
    assert!(under.contains("<html lang=\"en\" data-base=\"/stats\""), "{under}");
    for address in
        under.split("=\"").filter(|rest| rest.starts_with('/')).map(|rest| rest.split('"').next().unwrap())
    {
        let rest = address.strip_prefix("/stats").expect(address);
        // With the path and without it.
        for path in [address, rest] {
            let answer = owner.get(path).await;
            assert_eq!(answer.status, 200, "{path}");
        }
    }
    for path in ["/stats", "/stats/", "/stats/sites/1", "/stats/setup?x=1"] {
        assert_eq!(owner.get(path).await.body, under.as_bytes(), "{path}");
    }
    assert_eq!(owner.get("/stats/api/nothing").await.code(), "not_found");
    assert_eq!(
        owner.get("/statsapi/v1/session").await.body,
        under.as_bytes(),
        "another path, a page of the UI"
    );
}

#[tokio::test]
async fn a_session_is_of_the_path_and_links_lead_there() {
    let owner = Owner::at(URL).await;
    let link = owner.running.setup_link.clone().unwrap();
    assert!(link.starts_with("https://example.test/stats/setup#"), "{link}");
    let body = json!({"token": link.split_once('#').unwrap().1, "email": EMAIL, "password": PASSWORD});
    let answer = owner.post("/stats/api/v1/setup", &body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Secure-mostik=") && cookie.contains("Path=/stats/;"), "{cookie}");
    assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly"), "{cookie}");
}
