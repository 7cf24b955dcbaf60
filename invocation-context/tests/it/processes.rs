//! Two processes: the first calls the second over TCP, and both write under one originating id.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;

use axum::body::Body;
use http::Request;
use http::Response;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::testing::capture_logs;
use skeleton_invocation_context::testing::context;
use skeleton_invocation_context::tower::InternalContextLayer;
use skeleton_invocation_context::tower::PropagateLayer;
use skeleton_invocation_context::tower::SpanLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::tenant;

/// An argument that makes this very test the second process.
const AS_THE_LEDGER: &str = "as-the-ledger";
const THIS: &str = "processes::a_second_process_continues_the_trace_of_the_first";

fn domain() -> TrustDomain {
    TrustDomain::new("bank", SystemClock, ContextKey::new(*b"2026", [7; 32]), []).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

#[test]
fn a_second_process_continues_the_trace_of_the_first() {
    if std::env::args().any(|arg| arg == AS_THE_LEDGER) {
        return serve_one_call();
    }
    let mut ledger = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", THIS, AS_THE_LEDGER, "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(ledger.stdout.take().unwrap());
    let port = line_of(&mut printed, "port ");
    let authority = format!("127.0.0.1:{port}");

    let ctx = context().user_in(tenant(1)).at(now()).build();
    let own = ctx.clone();
    let ((), here) = capture_logs(move || own.span().in_scope(|| tracing::info!("calls")));
    let answer = call(&authority, &ctx);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let there = line_of(&mut printed, "log ");
    assert!(ledger.wait().unwrap().success());

    let trace = format!("invocation.originating_id={}", ctx.trace().originating());
    assert!(here.contains(&trace), "{here}");
    assert!(there.contains(&trace), "{there}");
    assert!(there.contains(&format!("invocation.parent_id={}", ctx.trace().current())));
    assert!(!there.contains(&format!("invocation.id={}", ctx.trace().current())));
    assert!(there.contains("invocation.step=\"debit\""), "{there}");
}

fn now() -> skeleton_invocation_context::Timestamp {
    use skeleton_invocation_context::Clock;
    SystemClock.now()
}

/// The rest of the next line that begins so.
fn line_of(printed: &mut impl BufRead, begin: &str) -> String {
    for line in printed.lines() {
        let line = line.unwrap();
        // The test harness may have begun the line.
        if let Some((_, rest)) = line.split_once(begin) {
            return rest.trim().to_owned();
        }
    }
    panic!("the second process printed no {begin:?}")
}

/// The first process: propagates a child of its context in a request of HTTP/1.1.
fn call(authority: &str, ctx: &InvocationContext) -> String {
    let to = authority.to_owned();
    let client = service_fn(move |request: Request<()>| {
        let to = to.clone();
        async move {
            let mut text = format!("POST /commands/debit HTTP/1.1\r\nhost: {to}\r\n");
            for (name, value) in request.headers() {
                text += &format!("{name}: {}\r\n", value.to_str().unwrap());
            }
            let mut stream = TcpStream::connect(&to)?;
            stream.write_all(format!("{text}\r\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok::<_, std::io::Error>(answer)
        }
    });
    let client = PropagateLayer::new(domain())
        .only_to([authority])
        .layer(client);
    let mut request = Request::post(format!("http://{authority}/commands/debit"))
        .body(())
        .unwrap();
    ctx.child(step!("debit")).unwrap().attach(&mut request);
    runtime().block_on(client.oneshot(request)).unwrap()
}

/// The second process: a ledger behind its internal door.
fn serve_one_call() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("\nport {}", listener.local_addr().unwrap().port());
    let (mut stream, _) = listener.accept().unwrap();
    let request = read_request(&stream);
    let ledger = service_fn(|request: Request<Body>| async move {
        let ctx: InvocationContext = request.extensions().get().cloned().unwrap();
        let further = ctx.child(step!("book")).unwrap().begin(&RandomIds, now());
        assert_forked_from(&further, &ctx);
        tracing::info!("debits");
        Ok::<_, std::convert::Infallible>(Response::new(Body::empty()))
    });
    let ledger = SpanLayer::new().layer(ledger);
    let ledger = InternalContextLayer::new(domain(), RandomIds).layer(ledger);
    let (answer, log) = capture_logs(|| runtime().block_on(ledger.oneshot(request)).unwrap());
    println!("\nlog {}", log.replace('\n', " | "));
    let status = answer.status().as_u16();
    let text = format!("HTTP/1.1 {status} done\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
}

fn read_request(stream: &TcpStream) -> Request<Body> {
    let mut lines = BufReader::new(stream).lines();
    let mut request = Request::post("/commands/debit");
    lines.next().unwrap().unwrap();
    for line in lines {
        let line = line.unwrap();
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        request = request.header(name, value);
    }
    request.body(Body::empty()).unwrap()
}
