//! The kernel's wall, seen from outside: what the engine process may still do.

use std::fs;

use crate::running::Setup;

fn status_of(pid: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn every_thread_is_under_the_filter_and_can_gain_no_privilege() {
    let engine = Setup::new().start();
    engine.ask("SELECT uniqExact(number) FROM numbers(1000000)");
    let threads: Vec<u32> = fs::read_dir(format!("/proc/{}/task", engine.pid()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    assert!(threads.len() > 2);
    for thread in threads {
        assert_eq!(status_of(thread, "Seccomp:"), "2", "thread {thread}");
        assert_eq!(status_of(thread, "NoNewPrivs:"), "1", "thread {thread}");
    }
}

#[test]
fn no_socket_to_anywhere_is_open_but_the_two_doors() {
    let engine = Setup::new().port(false).start();
    engine.ask("SELECT 1");
    let own: Vec<String> = fs::read_dir(format!("/proc/{}/fd", engine.pid()))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|target| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned))
        .collect();
    let tcp = ["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.split_whitespace().nth(9).is_some_and(|inode| own.iter().any(|own| own == inode)))
        .count();
    assert_eq!(tcp, 1, "the port's listener and nothing else");
}
