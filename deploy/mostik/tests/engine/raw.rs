//! HTTP as bytes on a socket, where it matters what exactly is sent.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
};

use crate::running::Running;

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body ended as HTTP says, or broke off.
    pub is_complete: bool,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The exception's code, both in the header and in the text.
    pub fn code(&self) -> Option<u32> {
        let code = self.header("x-clickhouse-exception-code")?.parse().unwrap();
        assert!(self.text().starts_with(&format!("Code: {code}. DB::Exception: ")), "{}", self.text());
        Some(code)
    }
}

impl Running {
    /// POST of `sql` with `query` in the URL (already encoded).
    pub fn post(&self, query: &str, body: impl AsRef<[u8]>) -> Reply {
        self.request("POST", &format!("/?{query}"), &[], body.as_ref())
    }

    /// Runs a statement that must succeed; its answer as text.
    pub fn ask(&self, sql: &str) -> String {
        let reply = self.post("", sql);
        assert_eq!(reply.status, 200, "{sql}: {}", reply.text());
        reply.text().trim_end_matches('\n').to_owned()
    }

    /// The code with which a statement is refused.
    pub fn refusal(&self, sql: &str) -> Option<u32> {
        self.post("", sql).code()
    }

    pub fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let stream = UnixStream::connect(&self.socket).unwrap();
        let reading = stream.try_clone().unwrap();
        exchange(stream, reading, method, target, headers, body)
    }

    pub fn request_by_port(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let stream = TcpStream::connect(self.port.unwrap()).unwrap();
        let reading = stream.try_clone().unwrap();
        exchange(stream, reading, method, target, headers, body)
    }
}

/// Sends the head and a part of the body, then leaves.
pub fn break_off(socket: &Path, target: &str, promised: usize, body: &[u8]) {
    let mut stream = UnixStream::connect(socket).unwrap();
    write!(stream, "POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {promised}\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    stream.shutdown(Shutdown::Both).unwrap();
}

/// The same over chunked encoding: the chunks are sent, the end is not.
pub fn break_off_chunked(socket: &Path, target: &str, chunks: impl Iterator<Item = Vec<u8>>) {
    let mut stream = UnixStream::connect(socket).unwrap();
    write!(stream, "POST {target} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    for chunk in chunks {
        write_chunk(&mut stream, &chunk);
    }
    stream.shutdown(Shutdown::Both).unwrap();
}

/// A whole POST in the given chunks.
pub fn post_chunked(socket: &Path, target: &str, chunks: impl Iterator<Item = Vec<u8>>) -> Reply {
    let mut stream = UnixStream::connect(socket).unwrap();
    let reading = stream.try_clone().unwrap();
    write!(stream, "POST {target} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    for chunk in chunks {
        write_chunk(&mut stream, &chunk);
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    read(reading)
}

fn write_chunk(stream: &mut UnixStream, chunk: &[u8]) {
    write!(stream, "{:x}\r\n", chunk.len()).unwrap();
    stream.write_all(chunk).unwrap();
    stream.write_all(b"\r\n").unwrap();
}

fn exchange(
    mut stream: impl Write,
    reading: impl Read,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    // A server may answer and close before it has read everything.
    stream.write_all(body).ok();
    read(reading)
}

pub fn read(stream: impl Read) -> Reply {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {line:?}")).parse().unwrap();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut reply = Reply { status, headers, body: Vec::new(), is_complete: true };
    match reply.header("content-length") {
        Some(length) => {
            let mut body = vec![0; length.parse().unwrap()];
            reply.is_complete = stream.read_exact(&mut body).is_ok();
            reply.body = body;
        }
        None => reply.is_complete = read_chunks(&mut stream, &mut reply.body),
    }
    reply
}

/// Whether the last chunk came.
fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> bool {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        if stream.read_exact(&mut chunk).is_err() {
            return false;
        }
        if length == 0 {
            return true;
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

/// Percent-encodes a statement for a URL.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
