//! The invocation context, beside what a service would pass along instead.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use ed25519_dalek::Signer as _;
use ed25519_dalek::SigningKey;
use http::Extensions;
use http::HeaderMap;
use http::Request;
use http::Response;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde::Serialize;
use skeleton_benches::allocations;
use skeleton_benches::note;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Provenance;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SealedContext;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;
use skeleton_invocation_context::tower::ContextLayer;
use tower::Layer as _;
use tower::Service as _;
use tower::service_fn;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::SetRequestIdLayer;

const NEW_FEES: ToggleKey<bool> = ToggleKey::client_allowed("new-fees", false);
const BATCH: ToggleKey<i64> = ToggleKey::edge_only("batch-size", 100);

fn tenant() -> TenantId {
    "01KERPXZM0WQ0S6RPTBK0KV9CA".parse().unwrap()
}

/// A known user with so many roles, two toggles, and an address.
fn reference(roles: u32) -> InvocationContext {
    let ids = SeededIds::new(7);
    let at = context().build().trace().current().created_at();
    let names = ["account-manager", "auditor", "teller", "data-steward"];
    let listed = (0..roles).map(|n| {
        let name = names[n as usize % names.len()];
        let scope = skeleton_invocation_context::ContainerId::generate(&ids, at);
        RoleAssignment::new(RoleName::parse(name).unwrap(), scope)
    });
    let ip = ClientIp::new(Ipv4Addr::new(192, 0, 2, 7).into());
    context()
        .user_in(tenant())
        .roles(RoleAssignments::listed(listed).unwrap())
        .toggle(&NEW_FEES, &true)
        .toggle(&BATCH, &250)
        .provenance(Provenance::new(Some(ip), None))
        .build()
}

fn domain() -> TrustDomain {
    let clock = FixedClock::at(reference(0).trace().current().created_at());
    TrustDomain::new("bank", clock, ContextKey::new(*b"2026", [7; 32]), []).unwrap()
}

fn seal(roles: u32) -> SealedContext {
    let child = reference(roles).child(step!("debit")).unwrap();
    domain().seal(&child).unwrap()
}

/// The same data as a service would write it down without this crate.
#[derive(Clone, Serialize, Deserialize)]
struct Plain {
    exp: u64,
    tenant: String,
    account: String,
    kind: String,
    session: String,
    authenticated_at: String,
    assurance: String,
    action: String,
    external: String,
    originating: String,
    current: String,
    step: String,
    sampled: bool,
    ip: String,
    locale: Option<String>,
    test: bool,
    roles: Vec<(String, String)>,
    toggles: Vec<(String, serde_json::Value)>,
}

fn plain() -> Plain {
    let ctx = reference(3).authenticated().unwrap();
    let trace = ctx.trace();
    let account = ctx.actor().effective_account();
    Plain {
        exp: 4_000_000_000,
        tenant: account.tenant().to_string(),
        account: account.id().to_string(),
        kind: "user".to_owned(),
        session: trace.current().to_string(),
        authenticated_at: "2026-11-23T10:02:11.418Z".to_owned(),
        assurance: "aal1".to_owned(),
        action: trace.external().action().to_string(),
        external: trace.external().invocation().to_string(),
        originating: trace.originating().to_string(),
        current: trace.current().to_string(),
        step: "debit".to_owned(),
        sampled: true,
        ip: "192.0.2.7".to_owned(),
        locale: None,
        test: false,
        roles: ctx
            .roles()
            .iter()
            .map(|held| (held.role().to_string(), held.scope().to_string()))
            .collect(),
        toggles: vec![
            ("batch-size".to_owned(), 250.into()),
            ("new-fees".to_owned(), true.into()),
        ],
    }
}

fn receive(c: &mut Criterion) {
    let (domain, sealed, ids) = (domain(), seal(3), SeededIds::new(1));
    let now = reference(0).trace().current().created_at();
    let ours = || {
        let child = domain
            .receive(black_box(sealed.context()), sealed.hop())
            .unwrap();
        child.begin(&ids, now)
    };
    note("ctx-receive-alloc", allocations(ours));
    let json = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&plain()).unwrap());
    let both = (sealed.context().len() + sealed.hop().len()) as u64;
    note("ctx-bytes-percent", both * 100 / json.len() as u64);
    note("ctx-bytes-reference", both);
    for (id, roles) in [("ctx-bytes-no-roles", 0), ("ctx-bytes-32-roles", 32)] {
        let sealed = seal(roles);
        note(id, (sealed.context().len() + sealed.hop().len()) as u64);
    }

    let signing = SigningKey::from_bytes(&[9; 32]);
    let body = vec![7_u8; 277];
    let signature = signing.sign(&body);
    let verifying = signing.verifying_key();
    let (token, decoding, validation) = jwt(&signing);

    let mut group = c.benchmark_group("receive");
    group.bench_function("ours", |b| b.iter(ours));
    group.bench_function("json-unchecked", |b| {
        b.iter(|| {
            let bytes = URL_SAFE_NO_PAD.decode(black_box(&json)).unwrap();
            serde_json::from_slice::<Plain>(&bytes).unwrap()
        });
    });
    group.bench_function("jwt-eddsa", |b| {
        b.iter(|| {
            jsonwebtoken::decode::<Plain>(black_box(&token), &decoding, &validation).unwrap()
        });
    });
    group.bench_function("ed25519-floor", |b| {
        b.iter(|| {
            verifying
                .verify_strict(black_box(&body), &signature)
                .unwrap()
        });
    });
    group.bench_function("blake3-keyed-floor", |b| {
        b.iter(|| blake3::keyed_hash(&[7; 32], black_box(&body)));
    });
    group.finish();

    let forged = sealed.with_flipped_bit(300);
    let refuse = || {
        domain
            .receive(black_box(forged.context()), forged.hop())
            .unwrap_err()
    };
    note("ctx-refuse-alloc", allocations(refuse));
    c.benchmark_group("refuse")
        .bench_function("wrong-tag", |b| b.iter(refuse));
}

/// The PKCS #8 form of an Ed25519 key (RFC 8410): a fixed prefix, and its 32 bytes.
fn jwt(signing: &SigningKey) -> (String, DecodingKey, Validation) {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(&signing.to_bytes());
    let header = jsonwebtoken::Header::new(Algorithm::EdDSA);
    let token = jsonwebtoken::encode(&header, &plain(), &EncodingKey::from_ed_der(&der)).unwrap();
    let decoding = DecodingKey::from_ed_der(signing.verifying_key().as_bytes());
    (token, decoding, Validation::new(Algorithm::EdDSA))
}

fn seals(c: &mut Criterion) {
    let (domain, plain) = (domain(), plain());
    let ctx = reference(3);
    let warm = ctx.child(step!("debit")).unwrap();
    drop(domain.seal(&warm).unwrap());
    note(
        "ctx-seal-hop-alloc",
        allocations(|| domain.seal(&warm).unwrap()),
    );
    let mut group = c.benchmark_group("seal");
    group.bench_function("ours-first", |b| {
        b.iter_batched(
            || reference(3).child(step!("debit")).unwrap(),
            |child| domain.seal(&child).unwrap(),
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("ours-hop", |b| {
        b.iter(|| domain.seal(black_box(&warm)).unwrap())
    });
    group.bench_function("json-unsigned", |b| {
        b.iter(|| URL_SAFE_NO_PAD.encode(serde_json::to_vec(black_box(&plain)).unwrap()));
    });
    group.finish();
}

fn values(c: &mut Criterion) {
    let ctx = reference(3);
    let known: InvocationContext<Authenticated> = ctx.clone().authenticated().unwrap();
    note(
        "ctx-child-alloc",
        allocations(|| known.child(step!("debit")).unwrap()),
    );
    let mut group = c.benchmark_group("value");
    group.bench_function("clone", |b| b.iter(|| black_box(&ctx).clone()));
    group.bench_function("narrow", |b| {
        b.iter_batched(
            || ctx.clone(),
            |ctx| ctx.authenticated().unwrap(),
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("toggle", |b| {
        b.iter(|| black_box(&ctx).toggles().get(&NEW_FEES))
    });
    group.bench_function("child", |b| {
        b.iter(|| black_box(&known).child(step!("debit")).unwrap());
    });
    group.finish();
}

fn ids(c: &mut Criterion) {
    let text = "01M83YEMJF3HCVMBEYGD2RQZPG";
    let id: TenantId = text.parse().unwrap();
    let now = reference(0).trace().current().created_at();
    let mut group = c.benchmark_group("id");
    group.bench_function("parse", |b| {
        b.iter(|| black_box(text).parse::<TenantId>().unwrap())
    });
    group.bench_function("print", |b| {
        use std::fmt::Write as _;
        let mut line = String::with_capacity(64);
        b.iter(|| {
            line.clear();
            write!(line, "{}", black_box(id)).unwrap();
        });
    });
    group.bench_function("draw", |b| {
        b.iter(|| TenantId::generate(&RandomIds, black_box(now)))
    });
    group.finish();
}

fn edge(c: &mut Criterion) {
    let peer = SocketAddr::from(([10, 0, 0, 1], 443));
    let proxies = TrustedProxies::cidrs(["10.0.0.0/8"]).unwrap();
    let edge = Edge::new(SystemClock, RandomIds, TrustedProxies::none());
    let edge = edge.with_toggle(&NEW_FEES).unwrap();
    let mut chain = HeaderMap::new();
    let list = "192.0.2.7, 10.0.0.5, 10.0.0.4, 10.0.0.3, 10.0.0.2";
    chain.insert("x-forwarded-for", list.parse().unwrap());
    let layer = ContextLayer::new(edge, move |_: &Extensions| Some(peer));
    let answer = |_: Request<Bytes>| async {
        Ok::<_, std::convert::Infallible>(Response::new(String::new()))
    };
    let mut ours = layer.layer(service_fn(answer));
    let id = http::HeaderName::from_static("x-request-id");
    let mut peers = SetRequestIdLayer::new(id, MakeRequestUuid).layer(service_fn(answer));
    let mut bare = service_fn(answer);
    let request = || {
        Request::post("/commands/debit")
            .header("host", "acme.bank.example")
            .header("user-agent", "bench/1.0")
            .header("x-action-id", "01M83YEMHN2BKZNCV752KRQTVY")
            .header("x-invocation-id", "01M83YEMHRMW96SB74TMCXA9MN")
            .header("x-toggles", "new-fees")
            .body(Bytes::new())
            .unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let with = runtime.block_on(async { allocations(|| futures_now(ours.call(request()))) });
    let without = runtime.block_on(async { allocations(|| futures_now(bare.call(request()))) });
    note("ctx-layer-alloc", with - without);

    let mut group = c.benchmark_group("edge");
    group.bench_function("walk-5", |b| {
        b.iter(|| proxies.client_ip(black_box(&chain), Some(peer)).unwrap());
    });
    group.bench_function("context-layer", |b| {
        b.iter_batched(
            request,
            |request| futures_now(ours.call(request)),
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("tower-http-request-id", |b| {
        b.iter_batched(
            request,
            |request| futures_now(peers.call(request)),
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("bare", |b| {
        b.iter_batched(
            request,
            |request| futures_now(bare.call(request)),
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// The result of a future that never waits.
fn futures_now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

fn spans(c: &mut Criterion) {
    let ctx = reference(3);
    let mut group = c.benchmark_group("span");
    group.bench_function("filtered-out", |b| b.iter(|| black_box(&ctx).span()));
    let registry = tracing_subscriber::registry();
    tracing::subscriber::with_default(registry, || {
        group.bench_function("registry-only", |b| b.iter(|| black_box(&ctx).span()));
    });
    group.finish();
}

criterion_group!(benches, receive, seals, values, ids, edge, spans);
criterion_main!(benches);
