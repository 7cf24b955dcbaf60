//! Calls that are sent: over gRPC, again, and to a client that fails.

use core::convert::Infallible;
use core::future::Ready;
use core::future::ready;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;
use std::sync::Mutex;

use http::Request;
use http::Response;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::testing::assert_same_call;
use skeleton_invocation_context::tower::InternalContextLayer;
use skeleton_invocation_context::tower::PropagateError;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;

use crate::propagate::LEDGER;
use crate::propagate::layer;
use crate::propagate::one_sent;
use crate::propagate::request;
use crate::wire::at_once;
use crate::wire::domain;
use crate::wire::rich;

/// The contexts that a service begins for these requests, sent to it through the layer.
fn begun(requests: impl IntoIterator<Item = Request<()>>) -> Vec<InvocationContext> {
    let begun = Arc::new(Mutex::new(Vec::new()));
    let handler = service_fn(|request: Request<()>| {
        let ctx: &InvocationContext = request.extensions().get().unwrap();
        begun.lock().unwrap().push(ctx.clone());
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let door = InternalContextLayer::new(domain(), SeededIds::new(8));
    let mut service = layer(&domain()).layer(door.layer(handler));
    for request in requests {
        let answer = at_once(service.ready()).unwrap();
        let answer = at_once(answer.call(request)).unwrap();
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("grpc-status"));
    }
    begun.lock().unwrap().clone()
}

#[test]
fn over_grpc_the_binary_forms_are_written_and_read() {
    for content_type in ["application/grpc", "application/grpc+proto"] {
        let mut request = request(LEDGER);
        request
            .headers_mut()
            .insert("content-type", content_type.parse().unwrap());
        request
            .headers_mut()
            .insert("skeleton-context", "forged".parse().unwrap());
        let sent = one_sent(&layer(&domain()), request.clone());
        for name in ["skeleton-context", "skeleton-hop"] {
            assert!(!sent.contains_key(name), "{name}");
            let line = &sent[format!("{name}-bin")];
            assert!(line.is_sensitive());
            assert!(!line.to_str().unwrap().contains(['-', '_', '=']));
        }
        let [ctx] = &begun([request])[..] else {
            panic!("one call");
        };
        assert_forked_from(ctx, &rich(1));
    }
}

#[test]
fn a_retry_resends_the_call_and_begins_another_hop() {
    let request = request(LEDGER);
    let [first, second] = &begun([request.clone(), request])[..] else {
        panic!("two deliveries");
    };
    assert_same_call(first, second);
    assert_ne!(first.trace().current(), second.trace().current());
    for ctx in [first, second] {
        assert_forked_from(ctx, &rich(1));
    }
}

/// A client that is never ready the second time, and fails whatever it is sent.
#[derive(Clone, Debug, Default)]
struct Broken {
    is_ready: bool,
}

impl Service<Request<()>> for Broken {
    type Response = ();
    type Error = std::io::Error;
    type Future = Ready<Result<(), Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let was_ready = core::mem::replace(&mut self.is_ready, true);
        Poll::Ready(if was_ready {
            Err(std::io::Error::other("gone"))
        } else {
            Ok(())
        })
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(self.is_ready, "called unready");
        ready(Err(std::io::Error::other("reset")))
    }
}

#[test]
fn the_clients_own_errors_are_passed_on() {
    let mut service = layer(&domain()).layer(Broken::default());
    let ready = at_once(service.ready()).unwrap();
    let error = at_once(ready.call(request(LEDGER))).expect_err("a broken client");
    assert!(matches!(error, PropagateError::Inner(_)));
    assert_eq!(error.to_string(), "reset");
    let error = at_once(service.ready()).expect_err("a broken client");
    assert_eq!(error.to_string(), "gone");
}
