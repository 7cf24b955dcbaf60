//! Connections of one's own: for clients that keep them, and for those that do what no library would.

use bank::tour::client::Call;
use bank::tour::client::Client;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::Town;

/// A request as it stands on the wire, with these fields more.
pub(crate) fn bytes_of(client: &Client, call: &Call, more: &str) -> Vec<u8> {
    let request = client.request(call).unwrap();
    let mut head = format!("POST {} HTTP/1.1\r\n", request.uri());
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str(more);
    head.push_str(&format!("content-length: {}\r\n\r\n", call.body().len()));
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(call.body());
    bytes
}

pub(crate) async fn connect(town: &Town) -> TcpStream {
    TcpStream::connect(town.bank.address()).await.unwrap()
}

/// The status and the body of the answer to these bytes, on a connection that ends with it.
pub(crate) async fn answer_to(town: &Town, bytes: &[u8]) -> (u16, String) {
    let mut stream = connect(town).await;
    stream.write_all(bytes).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// A connection that is kept.
pub(crate) struct Line {
    client: Client,
    sender: SendRequest<Full<Bytes>>,
}

/// An answer to the byte, but for what is drawn anew for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Line {
    pub(crate) async fn open(town: &Town, client: &Client) -> Self {
        let stream = connect(town).await;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        // It ends with the sender.
        tokio::spawn(connection);
        let client = client.clone();
        Self { client, sender }
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Heard {
        self.try_to_send(call).await.unwrap()
    }

    /// The answer; none if the connection ends before it.
    pub(crate) async fn try_to_send(&mut self, call: &Call) -> Result<Heard, hyper::Error> {
        self.sender.ready().await?;
        let request = self.client.request(call).unwrap();
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        let drawn_anew = ["date", "x-originating-id"];
        let fields = response.headers().iter();
        let fields = fields
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .filter(|(name, _)| !drawn_anew.contains(&name.as_str()));
        let mut fields: Vec<_> = fields.collect();
        fields.sort();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Heard {
            status,
            fields,
            body,
        })
    }
}

impl Heard {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(held, _)| held == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_replay(&self) -> bool {
        self.field("idempotency-replayed").is_some()
    }

    /// The same without the word that it is a replay.
    pub(crate) fn as_first(&self) -> Self {
        let mut first = self.clone();
        first
            .fields
            .retain(|(name, _)| name != "idempotency-replayed");
        first
    }

    pub(crate) fn code(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(body["code"].as_str()?.to_owned())
    }
}
