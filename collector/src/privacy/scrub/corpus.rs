//! What goes, what stays: one case a line.

use super::{BYTES_MAX, campaign, path, text};

#[track_caller]
fn goes(cases: &[(&str, &str)]) {
    for &(raw, expected) in cases {
        assert_eq!(path(raw), expected, "{raw}");
    }
}

#[test]
fn addresses_phones_and_numbers_leave_a_placeholder() {
    goes(&[
        ("/user/ivan.petrov@mail.ru/orders", "/user/:email/orders"),
        ("/user/ivan%40mail.ru", "/user/:email"),
        ("/user/ivan%252540mail.ru", "/user/:email"),
        ("/user/ivan＠mail.ru", "/user/:email"),
        ("/u/иван@почта.рф", "/u/:email"),
        ("/unsubscribe/ivan+news@mail.example.com.", "/unsubscribe/:email"),
        ("/call/+7 (912) 345-67-89", "/call/:phone"),
        ("/call/8-912-345-67-89", "/call/:phone"),
        ("/call/%2B79123456789", "/call/:phone"),
        ("/tel-+7.912.345.67.89", "/tel-:phone"),
        ("/order/1234567", "/order/:num"),
        ("/order-1234567-done", "/order-:num-done"),
        ("/card/4111-1111-1111-1111", "/card/:num"),
        ("/snils/112-233-445 95", "/snils/:phone"),
        ("/inn/7707083893", "/inn/:num"),
        ("/born/19850412", "/born/:num"),
        ("/٠١٢٣٤٥٦", "/:num"),
    ]);
}

#[test]
fn tokens_ids_and_network_addresses_leave_a_placeholder() {
    goes(&[
        (
            "/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "/t/:token",
        ),
        ("/reset/d41d8cd98f00b204", "/reset/:token"),
        ("/asset-d41d8cd98f00b204e9800998", "/asset-:token"),
        ("/invite/dGhpcyBpcyBhIHNlY3JldA", "/invite/:token"),
        ("/invite/k3j9x2m4q8w7e5r1t6y0", "/invite/:token"),
        ("/how-to-make-the-best-coffee-Zk3xQ9vLm2RtY7wPbN4s", "/how-to-make-the-best-coffee-:token"),
        ("/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/o/:id"),
        ("/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/:id"),
        ("/host/192.168.100.200", "/host/:ip"),
        ("/host/2001:db8::1", "/host/:ip"),
        ("/host/::ffff:192.0.2.1", "/host/:ip"),
    ]);
}

#[test]
fn query_and_fragment_are_cut_however_they_are_written() {
    goes(&[
        ("/a?token=s3cret", "/a"),
        ("/a#me", "/a"),
        ("/a%3Ftoken=s3cret", "/a"),
        ("/a%2523me/b", "/a"),
        ("/a/b;jsessionid=0123456789ABCDEF0123456789ABCDEF", "/a/b;jsessionid=:token"),
    ]);
}

#[test]
fn what_people_name_their_pages_stays() {
    for page in [
        "/",
        "/2026/11/23/",
        "/2026-11-23-10-reasons-to-stay",
        "/23.11.2026/news",
        "/news/20261123/",
        "/archive/202611",
        "/iphone-15-pro-max-256gb",
        "/c-plus-plus",
        "/c++",
        "/api/v1",
        "/blog/how-to-make-the-best-coffee-at-home-in-2026-without-a-machine",
        "/the-quick-brown-fox-jumps-over-the-lazy-dog-and-runs-away",
        "/kak-vybrat-noutbuk-dlya-ucheby-i-raboty-v-2026-godu",
        "/каталог/весенняя-распродажа",
        "/о-компании",
        "/product/12345",
        "/@ivan",
        "/npm/react@18.2.0",
        "/wiki/Main_Page",
        "/wiki/Democratic_Republic_of_the_Congo",
        "/HowToMakeTheBestCoffeeAtHome",
        "/Donaudampfschifffahrtsgesellschaftskapitaen",
        "/catalog/smartfony/samsung-galaxy-s24-ultra-12-512gb",
        "/rtx4090ti-24gb-gddr6x-review",
        "/schedule/10:30",
        "/price/100%",
        "/search/a&b",
        "/noutbuki-asus-rog-strix-g16-g614jv-n3086",
        "/velosiped-gornyy-stels-navigator-500-md-26",
        "/page/2/sort-price/filter-brand-is-apple-or-samsung/clear",
        "/docs/configuration_reference_for_administrators",
        "/index.php",
        "/24-7-support",
        "/top-10-best-of-2026",
    ] {
        assert_eq!(path(page), page);
    }
}

#[test]
fn encoded_slugs_of_any_script_become_readable() {
    goes(&[
        ("/%D0%BA%D0%B0%D1%82%D0%B0%D0%BB%D0%BE%D0%B3/%D0%B2%D0%B5%D1%81%D0%BD%D0%B0", "/каталог/весна"),
        ("/caf%C3%A9", "/café"),
        ("/%E6%97%A5%E6%9C%AC", "/日本"),
        ("/a%20b", "/a b"),
    ]);
}

#[test]
fn a_long_path_is_cut_on_a_letters_edge() {
    let long = format!("/{}", "ж".repeat(400));
    let kept = path(&long);
    assert!(kept.len() <= BYTES_MAX && kept.ends_with('ж'));
}

#[test]
fn values_keep_their_words() {
    for (raw, expected) in [
        ("Outbound Link: Click", "Outbound Link: Click"),
        ("Form: Submission", "Form: Submission"),
        ("Заказ оформлен", "Заказ оформлен"),
        ("ivan@mail.ru wants a call at +7 912 345-67-89", ":email wants a call at :phone"),
        ("https://user:pw@partner.example/page?id=7#top", "https://partner.example/page"),
        ("https://partner.example/r/d41d8cd98f00b204e980", "https://partner.example/r/:token"),
        ("pro", "pro"),
        ("1500", "1500"),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
}

#[test]
fn campaigns_keep_letters_of_any_script_and_ad_systems_numbers() {
    for (raw, expected) in [
        ("Spring_Sale", "spring_sale"),
        ("весна", "весна"),
        ("Весенняя распродажа", "весенняя-распродажа"),
        ("%D0%B2%D0%B5%D1%81%D0%BD%D0%B0", "весна"),
        ("112233445", "112233445"),
        ("v2||112233445||купить слона", "v2-112233445-купить-слона"),
        ("79123456789", ":phone"),
        ("ivan@mail.ru", ":email"),
        ("{campaign_id}", ""),
        ("a=b", ""),
        ("", ""),
        ("   ", ""),
        ("dGhpcyBpcyBhIHNlY3JldA", ":token"),
    ] {
        assert_eq!(campaign(raw), expected, "{raw}");
    }
    assert_eq!(campaign(&"ж".repeat(100)).chars().count(), 64);
}
