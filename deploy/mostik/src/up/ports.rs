//! Ports held for the children.
//!
//! A port is bound but not listened on, for as long as `up` lives: "in use" is
//! found out before anything is started, port 0 becomes a number that every
//! child can be told, a child that is started again comes back on its old port,
//! and no stranger takes it in between. Linux lets a second socket bind and
//! listen there because both set `SO_REUSEADDR` and ours does not listen.

use std::{io, net::SocketAddr};

use tokio::net::TcpSocket;

use crate::failure::Failure;

/// One address, ours until dropped.
pub struct HeldPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl HeldPort {
    /// Takes `wanted`; `key` is the configuration key to change when that fails.
    pub fn take(wanted: SocketAddr, key: &str) -> Result<HeldPort, Failure> {
        bind(wanted).map_err(|error| {
            let mend = match error.kind() {
                io::ErrorKind::AddrInUse => format!(
                    "stop the program that uses it (ss -ltnp names it), or set {key} in mostik.toml to another"
                ),
                io::ErrorKind::PermissionDenied => {
                    format!("ports below 1024 need CAP_NET_BIND_SERVICE; set {key} in mostik.toml to a higher one")
                }
                _ => format!("set {key} in mostik.toml to an address of this machine"),
            };
            Failure::unavailable(format!("{key}: {wanted} cannot be listened on: {error}: {mend}"))
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bind(wanted: SocketAddr) -> io::Result<HeldPort> {
    let socket = if wanted.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(wanted)?;
    Ok(HeldPort { address: socket.local_addr()?, _socket: socket })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    #[tokio::test]
    async fn a_held_port_can_be_listened_on_twice_in_a_row() {
        let held = HeldPort::take(ANY, "collector.listen").unwrap();
        drop(TcpListener::bind(held.address()).unwrap());
        assert!(TcpListener::bind(held.address()).is_ok());
    }

    #[tokio::test]
    async fn a_port_somebody_listens_on_is_refused_with_the_key_to_change() {
        let other = TcpListener::bind(ANY).unwrap();
        let failure = HeldPort::take(other.local_addr().unwrap(), "dashboard.listen").err().unwrap();
        assert_eq!(failure.code(), crate::failure::EXIT_UNAVAILABLE);
        assert!(failure.to_string().contains("set dashboard.listen"), "{failure}");
    }
}
