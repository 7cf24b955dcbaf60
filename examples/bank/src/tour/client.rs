//! A small HTTP client: one connection per request, so that nothing is remembered between two.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http::header;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::ActionId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use tokio::net::TcpStream;

use crate::ports::messages::Message;

/// Anything that keeps a request from being answered.
pub type ClientError = Box<dyn std::error::Error + Send + Sync>;

/// Somebody at the door of a tenant.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    host: String,
    token: Option<String>,
}

/// One request, that may be sent again as it is.
#[derive(Clone, Debug)]
pub struct Call {
    path: String,
    body: Vec<u8>,
    invocation: Option<ExternalInvocationId>,
    action: ActionId,
    after: Option<u64>,
    media_type: &'static str,
}

impl Call {
    /// A new invocation of an operation.
    #[must_use]
    pub fn new(door: &str, operation: &str, payload: &Value) -> Self {
        let now = SystemClock.now();
        let ids: &dyn IdGenerator = &RandomIds;
        Self {
            path: format!("/{door}/{operation}"),
            body: payload.to_string().into_bytes(),
            invocation: Some(ExternalInvocationId::generate(ids, now)),
            action: ActionId::generate(ids, now),
            after: None,
            media_type: "application/json",
        }
    }

    /// The same key with another payload.
    #[must_use]
    pub fn with_payload(&self, payload: &Value) -> Self {
        Self {
            body: payload.to_string().into_bytes(),
            ..self.clone()
        }
    }

    /// The same key with these bytes for a payload.
    #[must_use]
    pub fn with_body(&self, body: &str) -> Self {
        Self {
            body: body.as_bytes().to_vec(),
            ..self.clone()
        }
    }

    /// The same request under another name for the invocation.
    #[must_use]
    pub fn named(&self, invocation: ExternalInvocationId) -> Self {
        Self {
            invocation: Some(invocation),
            ..self.clone()
        }
    }

    /// The same request without a name for the invocation.
    #[must_use]
    pub fn without_invocation(&self) -> Self {
        Self {
            invocation: None,
            ..self.clone()
        }
    }

    /// The same request, claiming to be of this media type.
    #[must_use]
    pub fn claiming(&self, media_type: &'static str) -> Self {
        Self {
            media_type,
            ..self.clone()
        }
    }

    /// These calls as the items of one request.
    #[must_use]
    pub fn bulk<'c>(calls: impl IntoIterator<Item = &'c Self>) -> Self {
        let items: Vec<Value> = calls.into_iter().map(Self::item).collect();
        let whole = Self::new("commands", "", &json!({ "items": items }));
        Self {
            path: "/commands".to_owned(),
            invocation: None,
            ..whole
        }
    }

    fn item(&self) -> Value {
        let payload: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json!({ "id": self.invocation, "name": self.operation(), "payload": payload })
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The name of the invocation.
    #[must_use]
    pub const fn invocation(&self) -> Option<ExternalInvocationId> {
        self.invocation
    }

    /// The payload.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same query, answered from views that have seen this position.
    #[must_use]
    pub fn after(self, position: u64) -> Self {
        Self {
            after: Some(position),
            ..self
        }
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Whether it is an earlier answer given again.
    pub replayed: bool,
    /// The trace that the answer names.
    pub originating: Option<String>,
    /// The media type.
    pub content_type: Option<String>,
    /// The body.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answered {
    /// A part of the body by its JSON pointer (RFC 6901); null if there is none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> &Value {
        at(&self.body, pointer)
    }
}

/// A part of a value by its JSON pointer (RFC 6901); null if there is none.
#[must_use]
pub fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

impl Client {
    /// Somebody unknown at the door of `slug`.
    #[must_use]
    pub fn at(address: SocketAddr, slug: &str) -> Self {
        Self {
            address,
            host: format!("{slug}.localhost:{}", address.port()),
            token: None,
        }
    }

    /// The same person with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The token, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same person, with the same token, at the door of another tenant.
    #[must_use]
    pub fn elsewhere(&self, slug: &str) -> Self {
        Self {
            token: self.token.clone(),
            ..Self::at(self.address, slug)
        }
    }

    /// Sends one request to the loopback address, naming the tenant's host.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if no answer comes back.
    pub async fn send(&self, call: &Call) -> Result<Answered, ClientError> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let response = sender.send_request(self.request(call)?).await?;
        let status = response.status().as_u16();
        let named = |name: &str| {
            let value = response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let replayed = named("idempotency-replayed").is_some();
        let (originating, content_type) = (named("x-originating-id"), named("content-type"));
        let bytes = response.into_body().collect().await?.to_bytes();
        driver.abort();
        let text = String::from_utf8(bytes.to_vec())?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answered {
            status,
            replayed,
            originating,
            content_type,
            text,
            body,
        })
    }

    /// The same as a message.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if a field has no form.
    pub fn message(&self, call: &Call) -> Result<Message, ClientError> {
        let (parts, _) = self.request(call)?.into_parts();
        Ok(Message {
            operation: call.operation().to_owned(),
            headers: parts.headers,
            payload: call.body.clone().into(),
        })
    }

    /// The request itself.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if a field has no form.
    pub fn request(&self, call: &Call) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::post(&call.path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, call.media_type)
            .header(header::USER_AGENT, "bank-tour")
            .header("x-action-id", call.action.to_string());
        if let Some(invocation) = call.invocation {
            request = request.header("x-invocation-id", invocation.to_string());
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(after) = call.after {
            request = request.header("x-after-position", after);
        }
        Ok(request.body(Full::from(call.body.clone()))?)
    }
}
