//! Parts that die, and the end of everything.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::Stdio,
};

use crate::launcher::{FREE_PORTS, Launcher, folder, lives, mostik, signal, until};

const PARTS: [&str; 3] = ["engine", "collector", "dashboard"];

#[test]
fn a_killed_part_comes_back_and_the_others_do_not_notice() {
    let data = folder(FREE_PORTS);
    let mut launcher = Launcher::start(data.path());
    for part in PARTS {
        signal("KILL", launcher.pid_of(part));
        let line = launcher.next_line();
        assert_eq!(line["restarted"], part, "{line}");
        assert_ne!(line["pid"], launcher.ready["pids"][part]);
        let others = PARTS.iter().filter(|other| **other != part);
        for other in others {
            let kept = fs::read_to_string(data.path().join("run/ready.json")).unwrap();
            let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
            assert_eq!(kept["pids"][other], launcher.ready["pids"][other], "{other} was started again too");
        }
        launcher.ready["pids"][part] = line["pid"].clone();
    }
}

#[test]
fn a_part_that_is_back_listens_where_it_did_before() {
    let data = folder(FREE_PORTS);
    let mut launcher = Launcher::start(data.path());
    for (part, address) in [("collector", "public"), ("dashboard", "dashboard")] {
        signal("KILL", launcher.pid_of(part));
        assert_eq!(launcher.next_line()["restarted"], part);
        TcpStream::connect(launcher.address(address)).unwrap();
    }
}

#[test]
fn a_part_that_dies_again_and_again_is_still_brought_back() {
    let data = folder(FREE_PORTS);
    let mut launcher = Launcher::start(data.path());
    let mut pid = launcher.pid_of("dashboard");
    for _ in 0..4 {
        signal("KILL", pid);
        let line = launcher.next_line();
        assert_eq!(line["restarted"], "dashboard");
        pid = u32::try_from(line["pid"].as_u64().unwrap()).unwrap();
    }
}

#[test]
fn nothing_outlives_a_killed_launcher() {
    let data = folder(FREE_PORTS);
    let launcher = Launcher::start(data.path());
    let pids = PARTS.map(|part| launcher.pid_of(part));
    signal("KILL", launcher.pid());
    for pid in pids {
        until("the part is gone", || !lives(pid));
    }
}

#[test]
fn a_stop_ends_all_parts_and_says_so_with_0() {
    for name in ["TERM", "INT"] {
        let data = folder(FREE_PORTS);
        let mut launcher = Launcher::start(data.path());
        let pids = PARTS.map(|part| launcher.pid_of(part));
        signal(name, launcher.pid());
        assert!(launcher.wait().success(), "SIG{name}");
        assert_eq!(pids.map(lives), [false; 3], "SIG{name}");
    }
}

#[test]
fn the_collector_stops_first_and_the_engine_last() {
    let data = folder(FREE_PORTS);
    let log = data.path().join("stderr");
    let mut launcher = Launcher::start_logging_to(data.path(), fs::File::create(&log).unwrap());
    signal("TERM", launcher.pid());
    assert!(launcher.wait().success());
    let lines = fs::read_to_string(&log).unwrap();
    let stopped: Vec<String> = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["message"] == "stopped")
        .map(|line| line["part"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stopped, ["collector", "dashboard", "engine"], "{lines}");
}

#[test]
fn a_collector_that_answers_stops_in_order_when_told() {
    let ops = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let data = folder(&format!("[collector]\nlisten = '127.0.0.1:0'\nops_listen = '{ops}'\n"));
    // Nobody reads what it says, and no more fits: it is held where it says that it runs.
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    fill(&theirs);
    let mut collector =
        mostik("collector", data.path()).stdout(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    until("the collector answers", || answers(ops));
    signal("TERM", collector.id());
    let said = std::thread::spawn(move || ours.read_to_end(&mut Vec::new()).map(drop));
    assert!(collector.wait().unwrap().success());
    said.join().unwrap().unwrap();
}

/// Writes until no more is taken.
fn fill(mut socket: &UnixStream) {
    socket.set_nonblocking(true).unwrap();
    let full = loop {
        if let Err(full) = socket.write(b"\n") {
            break full;
        }
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    socket.set_nonblocking(false).unwrap();
}

fn answers(ops: std::net::SocketAddr) -> bool {
    let Ok(mut connection) = TcpStream::connect(ops) else { return false };
    connection.write_all(b"GET /live HTTP/1.1\r\nhost: mostik\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200 ")
}
