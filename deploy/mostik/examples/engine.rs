//! The embedded engine alone, from flags: for tests and for trying it out.
//! `cargo run --release -p mostik --example engine -- LIBRARY DATA SOCKET [ADDRESS USER PASSWORD]`

use std::process::ExitCode;

use mostik::engine::{EngineOptions, Listen, run};

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, data, socket, tcp @ ..] = arguments.as_slice() else { return ExitCode::from(64) };
    let listen = match tcp {
        [address, user, password] => Some(Listen {
            address: address.parse().expect("an address and a port"),
            user: user.clone(),
            password: password.clone(),
            may_write: true,
        }),
        _ => None,
    };
    let options = EngineOptions {
        library: library.into(),
        data: data.into(),
        socket: socket.into(),
        listen,
        ram_bytes_max: 1 << 30,
        connections: 8,
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the engine failed");
            ExitCode::FAILURE
        }
    }
}
