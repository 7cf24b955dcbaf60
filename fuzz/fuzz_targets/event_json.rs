//! Documents of events: what was read is written as the same document, small enough to be read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use skeleton_fuzz::NOW;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;

fuzz_target!(|text: &str| {
    let Ok(event) = EventContext::from_json(text) else {
        return;
    };
    assert!(text.len() <= EventContext::MAX_JSON_BYTES);
    let written = serde_json::to_string(&event).expect("a document");
    assert!(written.len() <= EventContext::MAX_JSON_BYTES);
    assert_eq!(
        EventContext::from_json(&written).expect("its own document"),
        event
    );
    assert_eq!(plain(text), plain(&written));
    for tail in ["0", "{}", ","] {
        assert!(EventContext::from_json(&format!("{text}{tail}")).is_err());
    }
    reacted_to(&event);
});

/// The document without what may be written in two ways: letter case, the order of toggles, parts of a millisecond.
fn plain(text: &str) -> Value {
    let mut document: Value = serde_json::from_str(&text.to_ascii_lowercase()).expect("JSON");
    let members = document.as_object_mut().expect("an object");
    if let Some(Value::Array(toggles)) = members.get_mut("toggles") {
        toggles.sort_by_key(|toggle| toggle["name"].to_string());
    }
    // Its bytes are opaque, so case matters.
    members.remove("sealed-provenance");
    if let Some(proof) = document["access"].get_mut("authentication") {
        proof
            .as_object_mut()
            .expect("an object")
            .remove("authenticated-at");
    }
    document
}

/// A service reacts as itself, whatever the event says.
fn reacted_to(event: &EventContext) {
    let tenant = "01KE6P4YM0FSPTFB776BVFNQX7".parse().expect("an id");
    let own = context().service_in(tenant).build_authenticated();
    let account = own.actor().effective_account().clone();
    let service = ServiceIdentity::new(account.clone(), own.authentication().clone());
    if let Ok(ctx) = service.react_to(event, &step!("react"), &SeededIds::new(3), NOW) {
        assert_eq!(ctx.actor().accountable_account().id(), account.id());
        assert_eq!(ctx.trace().originating(), event.trace().originating());
        assert!(ctx.roles().is_empty());
        assert_eq!(ctx.is_test(), event.is_test());
    }
}
