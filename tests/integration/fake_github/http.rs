//! HTTP/1.1 on loopback, a thread a connection. Bodies are written by hand,
//! because some of them have to break.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case; of a name that comes twice both values, joined.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// Writes a body in parts; an error ends it.
pub(crate) type Writer = Box<dyn FnOnce(&mut dyn Write) -> std::io::Result<()> + Send>;

pub(crate) enum Body {
    Bytes(Vec<u8>),
    /// This many bytes, made while they are sent.
    Made(u64, Writer),
    /// The first half, and then the connection ends.
    Cut(Vec<u8>),
    /// The first half; the other half when the gate opens, if the client has
    /// not hung up before.
    Stalled(Vec<u8>, Arc<AtomicBool>),
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

impl Answer {
    pub(crate) fn new(status: u16, kind: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: Body::Bytes(body),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Bytes(Vec::new()),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Answers a request; `None` hangs up without a word.
type Handler = dyn Fn(Request) -> Option<Answer> + Send + Sync;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(
        handler: impl Fn(Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let (handler, flag): (Arc<Handler>, _) = (Arc::new(handler), ended.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if flag.load(Ordering::SeqCst) {
                    break;
                }
                let (handler, flag) = (handler.clone(), flag.clone());
                std::thread::spawn(move || serve(&stream.unwrap(), &*handler, &flag));
            }
        });
        Self {
            address,
            ended,
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

fn serve(stream: &TcpStream, handler: &Handler, ended: &AtomicBool) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let whole = handler(request).is_some_and(|answer| write(stream, answer, ended).is_ok());
        if !whole || ended.load(Ordering::SeqCst) {
            break;
        }
    }
    drop(stream.shutdown(Shutdown::Both));
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut lines = std::iter::from_fn(|| {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_owned();
        (!line.is_empty()).then_some(line)
    });
    let first = lines.next()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers
            .entry(name.to_ascii_lowercase())
            .and_modify(|known| *known = format!("{known}, {}", value.trim()))
            .or_insert_with(|| value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        target,
        headers,
        body,
    })
}

fn write(stream: &TcpStream, answer: Answer, ended: &AtomicBool) -> std::io::Result<()> {
    let mut out = stream;
    // In one piece: each write wakes the client.
    let mut head = Vec::new();
    write!(head, "HTTP/1.1 {} Fake\r\n", answer.status)?;
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    let length = match &answer.body {
        Body::Bytes(bytes) | Body::Cut(bytes) | Body::Stalled(bytes, _) => bytes.len() as u64,
        Body::Made(length, _) => *length,
    };
    if answer.status != 204 {
        write!(head, "content-length: {length}\r\n")?;
    }
    head.extend(b"\r\n");
    if let Body::Bytes(bytes) = &answer.body {
        head.extend(bytes);
    }
    out.write_all(&head)?;
    match answer.body {
        Body::Bytes(_) => Ok(()),
        Body::Made(_, writer) => writer(&mut out),
        Body::Cut(bytes) => {
            out.write_all(&bytes[..bytes.len() / 2])?;
            Err(std::io::ErrorKind::ConnectionAborted.into())
        }
        Body::Stalled(bytes, gate) => {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            out.write_all(first)?;
            wait(stream, || {
                gate.load(Ordering::SeqCst) || ended.load(Ordering::SeqCst)
            })?;
            out.write_all(second)
        }
    }
}

/// Returns when `done` is; fails when the client hangs up.
fn wait(stream: &TcpStream, done: impl Fn() -> bool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(10)))?;
    while !done() {
        match (&mut &*stream).read(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    }
    stream.set_read_timeout(None)
}
